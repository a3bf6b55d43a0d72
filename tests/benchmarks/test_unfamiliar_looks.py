from __future__ import annotations

import json
from collections import Counter


def test_each_look_at_a_set_is_a_line_and_is_counted(tmp_path):
    from unfamiliar_looks import looks, note_looks

    file = tmp_path / "records" / "looks.jsonl"
    assert looks(file) == Counter()
    note_looks(["a", "b"], ["tsseq2seq"], "more members", file)
    note_looks(["a"], ["tsseq2seq", "tsseq2seq Smoothing"], "", file)
    assert looks(file) == {"a": 2, "b": 1}
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["why"] for line in lines] == ["more members", "more members", ""]
    assert lines[2]["models"] == ["tsseq2seq", "tsseq2seq Smoothing"]
    assert all(line["date"].startswith("20") for line in lines)
