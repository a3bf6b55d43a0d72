"""The two files of a model are read as they were saved, and of one save."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.persistence.signing import change_json
from tsseq2seq.errors import ModelFileError
from tsseq2seq.persistence import read_files as module
from tsseq2seq.persistence.files import FORMAT, JSON, TENSORS, tensors_between
from tsseq2seq.persistence.read_files import read_files
from tsseq2seq.persistence.write_files import write_files


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    write_files(tmp_path / "m", {"class": "a", "tensors": ["weight"]}, {"weight": torch.arange(3.0)})
    return tmp_path / "m"


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change model.json and leave its checksum as it was."""
    content = json.loads((folder / JSON).read_text(encoding="utf-8"))
    change(content)
    (folder / JSON).write_text(json.dumps(content), encoding="utf-8")


def as_of_an_old_format(folder: Path) -> None:
    """Formats 1 and 2 had no checksums."""
    edit(folder, lambda content: (content.pop("sha256"), content.update(format=2)))


def test_what_was_saved_is_read(saved: Path) -> None:
    content, tensors = read_files(saved)
    assert content["class"] == "a"
    assert content["format"] == FORMAT
    assert tensors["weight"].tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "no format number"),
        (True, "no format number"),
        ("3", "no format number"),
        (0, "has the format 0; it is not"),
        (-1, "has the format -1; it is not"),
        (FORMAT + 1, f"reads up to {FORMAT}"),
    ],
)
def test_a_format_that_is_none_of_ours(saved: Path, value: object, said: str) -> None:
    change_json(saved, lambda content: content.update(format=value))
    edit(saved, lambda content: content.update(format=value))
    with pytest.raises(ModelFileError, match=said):
        read_files(saved)


@pytest.mark.parametrize("format_", [1, 2])
def test_old_formats_are_read_without_checksums(saved: Path, format_: int) -> None:
    as_of_an_old_format(saved)
    edit(saved, lambda content: content.update(format=format_))
    assert read_files(saved)[1]["weight"].tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content.pop("sha256"), "lacks the SHA-256"),
        (lambda content: content.update(sha256=[]), "lacks the SHA-256"),
        (lambda content: content["sha256"].pop("tensors"), "lacks the SHA-256"),
        (lambda content: content["sha256"].update(tensors=7), "lacks the SHA-256"),
        (lambda content: content["sha256"].update(Model="0"), r"has \['Model'\]"),
        (lambda content: content.update(other=1), "its SHA-256 is another"),
        (lambda content: content["sha256"].update(model="0"), "its SHA-256 is another"),
    ],
)
def test_a_change_is_seen(saved: Path, change: Callable[[dict[str, Any]], object], said: str) -> None:
    edit(saved, change)
    with pytest.raises(ModelFileError, match=said):
        read_files(saved)


def test_a_change_that_was_meant_is_read(saved: Path) -> None:
    edit(saved, lambda content: (content.update(other=1), content["sha256"].pop("model")))
    assert read_files(saved)[0]["other"] == 1


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("weight", "no list of names"),
        ([1], "no list of names"),
        (["weight", "bias"], "lacks the tensor 'bias'"),
    ],
)
def test_tensors_are_all_there(saved: Path, names: object, said: str) -> None:
    change_json(saved, lambda content: content.update(tensors=names))
    with pytest.raises(ModelFileError, match=said):
        read_files(saved)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.unlink(), "there is none"),
        (lambda file: file.write_bytes(file.read_bytes()[:-1]), r"it has \d+ of \d+ bytes"),
        (lambda file: file.write_bytes(file.read_bytes()[:-1] + b"7"), "belongs to another model"),
        (lambda file: file.write_bytes(file.read_bytes() + b"7"), "belongs to another model"),
    ],
)
def test_tensors_that_were_changed(saved: Path, change: Callable[[Path], object], said: str) -> None:
    change(saved / TENSORS)
    with pytest.raises(ModelFileError, match=said):
        read_files(saved)


def test_tensors_without_checksums_that_are_none_or_not_there(saved: Path) -> None:
    as_of_an_old_format(saved)
    (saved / TENSORS).write_bytes(b"none")
    with pytest.raises(ModelFileError, match="holds no tensors"):
        read_files(saved)
    (saved / TENSORS).unlink()
    with pytest.raises(ModelFileError, match="there is none"):
        read_files(saved)


@pytest.mark.parametrize("whole", [True, False])
def test_new_tensors_that_have_not_got_their_name_yet(saved: Path, whole: bool) -> None:
    """A save that was killed between its two files: the other name counts, if what it names is whole."""
    data = (saved / TENSORS).read_bytes()
    between = tensors_between(saved / TENSORS, hashlib.sha256(data).hexdigest())
    between.write_bytes(data if whole else data[:-1])
    if whole:
        (saved / TENSORS).write_bytes(b"of the model before")
    assert read_files(saved)[1]["weight"].tolist() == [0.0, 1.0, 2.0]


def test_what_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "odd" / JSON).mkdir(parents=True)
    for path, said in {
        "file": "is a file", "none": "there is no model.json", "file/in": "there is no", "odd": "cannot be read",
    }.items():  # fmt: skip
        with pytest.raises(ModelFileError, match=said):
            read_files(tmp_path / path)


@pytest.mark.parametrize("fails", [False, True])
def test_a_folder_that_is_saved_into_meanwhile_is_read_again(
    saved: Path, fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without checksums, only the file's identity tells that both files are of one save."""
    as_of_an_old_format(saved)
    if fails:  # what was read is not even a model, and by then another is there
        tensors, seen = module._tensors, itertools.count()

        def once_broken(folder: Path, content: Any) -> Any:
            if next(seen) == 0:
                raise ModelFileError("mixed")
            return tensors(folder, content)

        monkeypatch.setattr(module, "_tensors", once_broken)
    version, calls = module._version, itertools.count()
    monkeypatch.setattr(module, "_version", lambda file: None if next(calls) == 0 else version(file))
    monkeypatch.setattr(module, "_PAUSE", 0)
    assert read_files(saved)[1]["weight"].tolist() == [0.0, 1.0, 2.0]
    assert next(calls) == 2


@pytest.mark.parametrize("fails", [False, True])
def test_a_folder_that_is_saved_into_without_end_is_given_up(
    saved: Path, fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_of_an_old_format(saved)
    if fails:
        (saved / TENSORS).write_bytes(b"none")
    calls = itertools.count()
    monkeypatch.setattr(module, "_version", lambda file: (next(calls),))
    monkeypatch.setattr(module, "_PAUSE", 0)
    with pytest.raises(ModelFileError, match="holds no tensors" if fails else "all the time"):
        read_files(saved)
    assert next(calls) == module._ATTEMPTS - fails


def test_a_file_that_has_gone_has_no_version(saved: Path) -> None:
    assert module._version(saved / JSON) is not None
    assert module._version(saved / "none") is None
