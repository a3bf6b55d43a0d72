"""Files replaced whole or not at all: the names beside them, their links, permissions, and who was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tsseq2seq import atomic_files
from tsseq2seq.atomic_files import alone_in, replacing, staging

posix = pytest.mark.skipif(os.name != "posix", reason="links, permissions and locks are those of POSIX")


def write(path: Path, text: str) -> None:
    with replacing(path) as staged:
        staged.write_text(text)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_the_name_asked_for_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("precious")
    (tmp_path / "v2").mkdir()
    write(tmp_path / "one.txt", "first")
    write(tmp_path / "one.txt", "second")
    assert (tmp_path / "one.txt").read_text() == "second"
    assert names(tmp_path) == ["notes.txt", "one.txt", "v2"]
    assert (tmp_path / "notes.txt").read_text() == "precious"


def test_an_error_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "one.txt", "old")
    with pytest.raises(TypeError), replacing(tmp_path / "one.txt") as staged:
        staged.write_text(0)  # type: ignore[arg-type]
    assert (tmp_path / "one.txt").read_text() == "old"
    assert names(tmp_path) == ["one.txt"]


def test_the_staged_file_has_the_name_of_the_target(tmp_path: Path) -> None:
    """Writers go by the ending."""
    with replacing(tmp_path / "one.csv.gz") as staged:
        assert staged.name == "one.csv.gz"
        staged.touch()


@posix
@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077, 0o002])
def test_permissions_are_those_that_the_umask_leaves(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write(tmp_path / "one.txt", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "one.txt").stat().st_mode & 0o777 == 0o666 & ~umask


@posix
def test_permissions_of_a_file_that_is_replaced_stay(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("secret")
    (tmp_path / "one.txt").chmod(0o600)
    write(tmp_path / "one.txt", "x")
    assert (tmp_path / "one.txt").stat().st_mode & 0o777 == 0o600


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_links_stay(tmp_path: Path, exists: bool) -> None:
    (tmp_path / "elsewhere").mkdir()
    if exists:
        (tmp_path / "elsewhere" / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "elsewhere" / "real.txt")
    write(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "elsewhere" / "real.txt").read_text() == "new"
    assert names(tmp_path) == ["elsewhere", "link.txt"]


@posix
def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tsseq2seq.atomic_files import staging\n"
        "with staging(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'half').touch(); print(folder, flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    left = Path(process.stdout.readline().strip())
    monkeypatch.setattr(atomic_files, "_MADE", 0.0)
    write(tmp_path / "one.txt", "x")
    assert (left / "half").exists(), "it is alive"
    process.kill()
    process.communicate()
    write(tmp_path / "one.txt", "x")
    assert names(tmp_path) == ["one.txt"]


def test_a_folder_of_the_users_own_is_never_swept(tmp_path: Path) -> None:
    own = tmp_path / ".hidden"
    own.mkdir()
    os.utime(own, (0, 0))
    write(tmp_path / "one.txt", "x")
    assert own.exists()


@posix
def test_one_at_a_time(tmp_path: Path) -> None:
    inside = 0

    def work() -> None:
        nonlocal inside
        for _ in range(20):
            with alone_in(tmp_path):
                inside += 1
                seen.append(inside)
                time.sleep(0.0005)
                inside -= 1

    seen: list[int] = []
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 80


@posix
def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic_files, "_PATIENCE", 0.02)
    with alone_in(tmp_path), pytest.raises(OSError, match="another process"), alone_in(tmp_path):
        pass


def test_without_locks_only_what_is_a_day_old_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, or a network drive."""
    monkeypatch.setattr(atomic_files, "fcntl", None)
    with staging(tmp_path):
        pass
    for name, age in (("old", 100_000), ("new", 1_000)):
        folder = tmp_path / f"{atomic_files._PREFIX}{name}"
        folder.mkdir()
        os.utime(folder, (time.time() - age,) * 2)
    with alone_in(tmp_path):
        write(tmp_path / "one.txt", "x")
    assert names(tmp_path) == [f"{atomic_files._PREFIX}new", "one.txt"]


@posix
def test_a_process_forked_meanwhile_does_not_keep_the_lock(tmp_path: Path) -> None:
    """It has the handles too: here they are doubled."""
    with alone_in(tmp_path):
        handles = [os.dup(int(handle)) for handle in _handles_of(tmp_path)]
    try:
        assert handles, "or nothing would be tested"
        with alone_in(tmp_path):
            pass
    finally:
        for handle in handles:
            os.close(handle)


def _handles_of(folder: Path) -> list[int]:
    """Handles of this process that a forked one would have too."""
    found = []
    for handle in range(3, 256):
        try:
            if os.path.samestat(os.fstat(handle), folder.stat()):
                found.append(handle)
        except OSError:
            continue
    return found
