"""Whose a file is that cannot be read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tsseq2seq.persistence.whose import why_unreadable

pwd = pytest.importorskip("pwd")
OWNER = f"the user {pwd.getpwuid(os.getuid()).pw_name!r}"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_a_file_of_somebody_else_names_them_and_what_they_can_do(number: int, tmp_path: Path) -> None:
    (tmp_path / "model.json").touch()
    for name in ("model.json", "not there"):  # of a file that cannot be seen, its folder's owner
        said = why_unreadable(tmp_path / name, OSError(number, "denied"))
        assert said == f"it belongs to {OWNER}, who must permit it (chmod a+r)"


def test_of_a_folder_that_cannot_be_seen_nobody_is_named(tmp_path: Path) -> None:
    said = why_unreadable(tmp_path / "no" / "model.json", PermissionError(errno.EACCES, "denied"))
    assert said.startswith("it belongs to another user,")


def test_a_user_without_a_name_is_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    said = why_unreadable(tmp_path, PermissionError(errno.EACCES, "denied"))
    assert said.startswith(f"it belongs to the user {os.getuid()},")


def test_what_else_went_wrong_is_said_as_it_is(tmp_path: Path) -> None:
    error = OSError(errno.EIO, "Input/output error")
    assert why_unreadable(tmp_path, error) == str(error)
