"""The public sets of pairs, from text to batches."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import torch

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.encoding import encode_pairs
from tsseq2seq.data.text.sentences import checked_pairs
from tsseq2seq.data.text.text_files import read_pair_file
from tsseq2seq.data.text.token_batches import bucketed_batches
from tsseq2seq.data.text.tokenizers import build_tokenizer, tokenizer_from_parts
from tsseq2seq.data.text.vocabulary import EOS, UNK
from tsseq2seq.datasets import load

pytestmark = pytest.mark.usefixtures("data_folder")


def test_greek_pairs_go_through_all_of_it() -> None:
    frame = load("tatoeba_ell").iloc[::3]
    sources, targets = checked_pairs(frame["source"], frame["target"])
    source, target = build_tokenizer("char", sources), build_tokenizer("char", targets)
    assert source.vocabulary_size == 4 + len(set("".join(Cleaning().clean_all(sources))))
    pairs = encode_pairs(sources, targets, source, target)
    seen = padded = 0
    for index in bucketed_batches(pairs, tokens=2000, generator=torch.Generator().manual_seed(0)):
        batch = pairs.batch(index)
        seen += len(index)
        padded += batch.source.numel() + batch.target.numel()
        last = batch.target.gather(1, batch.target_lengths[:, None] - 1)
        assert (last == EOS).all()
        assert not (batch.source == UNK).any()
    assert seen == len(frame)
    assert 1 - (len(pairs.sources.tokens) + len(pairs.targets.tokens)) / padded < 0.06
    for row in range(0, len(sources), 1000):
        assert source.decode(pairs.sources[row]) == Cleaning().clean(sources[row])
        assert target.decode(pairs.targets[row]) == Cleaning().clean(targets[row])


def test_the_pair_file_itself_reads_as_the_data_set_does(data_folder: Path, tmp_path: Path) -> None:
    plain = data_folder / "tatoeba" / "ell.txt"
    content = (
        plain.read_bytes() if plain.exists() else gzip.decompress((plain.parent / "ell.txt.gz").read_bytes())
    )
    (tmp_path / "ell.txt").write_bytes(content)
    frame = load("tatoeba_ell")
    sources, targets = read_pair_file(tmp_path / "ell.txt")
    assert sources == frame["source"].tolist()
    assert targets == frame["target"].tolist()


@pytest.mark.parametrize(("kind", "known"), [("word", 0.92), ("bpe", 0.999)], ids=["word", "bpe"])
def test_german_captions_are_mostly_known(kind: str, known: float) -> None:
    learnt, unseen = load("multi30k_val"), load("multi30k_test")
    tokenizer = build_tokenizer(kind, load("multi30k_train")["target"].head(8000), max_size=4000)
    assert tokenizer.vocabulary_size == 4000
    back = tokenizer_from_parts(json.loads(json.dumps(tokenizer.to_parts())))
    ids = [tokenizer.encode(text) for text in unseen["target"]]
    assert ids == [back.encode(text) for text in unseen["target"]]
    flat = [number for numbers in ids for number in numbers]
    assert 1 - flat.count(UNK) / len(flat) >= known
    if kind == "bpe":
        assert tokenizer.decode(ids[0]) == unseen["target"].iloc[0]
        assert len(tokenizer.encode(learnt["target"].iloc[0])) < len(learnt["target"].iloc[0]) / 2
