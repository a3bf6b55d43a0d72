"""The two files of a model are replaced together, or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from tsseq2seq.errors import ModelFileError
from tsseq2seq.persistence import write_files as module
from tsseq2seq.persistence.files import JSON, OURS, TENSORS, is_between
from tsseq2seq.persistence.read_files import read_files
from tsseq2seq.persistence.write_files import write_files


def write(folder: Path, value: float) -> None:
    content = {"class": "a", "parameters": {"value": value}, "learned": {}, "tensors": ["weight"]}
    write_files(folder, content, {"weight": torch.full((3,), value)})


def value_of(folder: Path) -> float:
    """Return the value, after checking that both files say the same."""
    content, tensors = read_files(folder)
    value = content["parameters"]["value"]
    assert tensors["weight"].tolist() == [value] * 3
    return value


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_second_model_takes_the_place_of_the_first(tmp_path: Path) -> None:
    for value in (1.0, 2.0):
        write(tmp_path / "new" / "model", value)
        assert value_of(tmp_path / "new" / "model") == value
        assert names(tmp_path / "new" / "model") == {JSON, TENSORS}


@pytest.mark.parametrize("failing", [0, 1])
def test_where_a_file_cannot_be_replaced_the_old_model_is_whole(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 1.0)
    replace, calls = module.replace_file, list[Path]()

    def once_refused(new: Path, old: Path, **options: Any) -> None:
        calls.append(old)
        if len(calls) == failing + 1:
            raise OSError("no space left")
        replace(new, old, **options)

    monkeypatch.setattr(module, "replace_file", once_refused)
    with pytest.raises(ModelFileError, match="no space left"):
        write(tmp_path, 2.0)
    assert [path.name == JSON for path in calls] == [False, True][: failing + 1]
    assert value_of(tmp_path) == 1.0
    assert names(tmp_path) == {JSON, TENSORS}


def test_what_could_not_be_written_leaves_no_folder_but_other_peoples_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: Any, **options: Any) -> None:
        if kept:
            (tmp_path / "new" / "notes.txt").write_text("mine")
        raise OSError("no space left")

    monkeypatch.setattr(module, "replace_file", refused)
    for kept in (False, True):
        with pytest.raises(ModelFileError, match=r"cannot be written: no space left"):
            write(tmp_path / "new" / "model", 1.0)
        assert not (tmp_path / "new" / "model").exists()
        assert (tmp_path / "new").exists() is kept


def test_where_the_old_tensors_are_being_read_the_new_ones_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace a file that is open."""
    write(tmp_path, 1.0)
    plain = os.replace

    def refused(source: Path, target: Path) -> None:
        if is_between(Path(source).name) and Path(target).name == TENSORS:
            raise PermissionError("open elsewhere")
        plain(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "replace", refused)
        write(tmp_path, 2.0)
    assert value_of(tmp_path) == 2.0
    (between,) = names(tmp_path) - {JSON, TENSORS}
    assert is_between(between)
    write(tmp_path, 3.0)
    assert value_of(tmp_path) == 3.0
    assert names(tmp_path) == {JSON, TENSORS}, "what was left over is swept"


def test_only_leftovers_of_tensors_are_swept(tmp_path: Path) -> None:
    write(tmp_path, 1.0)
    (tmp_path / f"{OURS}{'0' * 64}.safetensors").touch()
    (tmp_path / f"{OURS}notes.txt").touch()
    write(tmp_path, 2.0)
    assert names(tmp_path) == {JSON, TENSORS, f"{OURS}notes.txt"}


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "[]", "{}", '{"format": 1, "class": "a"}'], ids=lambda text: text[:9]
)
def test_a_folder_that_holds_something_else_is_left_as_it_is(text: str, tmp_path: Path) -> None:
    (tmp_path / JSON).write_text(text)
    with pytest.raises(ModelFileError, match="is not a saved model; it is left as it is"):
        write(tmp_path, 1.0)
    assert (tmp_path / JSON).read_text() == text
    assert names(tmp_path) == {JSON}


def test_a_file_and_a_folder_of_other_files_are_refused_and_an_empty_one_is_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path):
        with pytest.raises(ModelFileError, match="is not a saved model"):
            write(path, 1.0)
    assert names(tmp_path) == {"file"}
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", 1.0)
    assert value_of(tmp_path / "empty") == 1.0


def test_what_makes_a_model_is_its_format_its_class_and_its_tensors(tmp_path: Path) -> None:
    least = {"format": 1, "class": "a", "tensors": []}
    for lacking in least:
        (tmp_path / JSON).write_text(
            json.dumps({**least, lacking: None, "more": 1}).replace(lacking, "other")
        )
        with pytest.raises(ModelFileError, match="is not a saved model"):
            write(tmp_path, 1.0)
    (tmp_path / JSON).write_text(json.dumps(least))
    write(tmp_path, 1.0)
    assert value_of(tmp_path) == 1.0
