"""Files that are replaced whole or not at all, also when the process is killed or the power fails.

A file is written into a staging folder beside its place, brought to the disk, and renamed. Only the name
asked for is ever replaced. A staging folder that a killed process left is swept by the next that writes
into the same folder: its lock is free.
"""

from __future__ import annotations

import errno
import importlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

__all__ = ["alone_in", "replace_file", "replacing", "staging", "sync_folder"]

# Windows has none
fcntl: ModuleType | None = importlib.import_module("fcntl") if os.name == "posix" else None

_PREFIX = ".tsseq2seq-"
_MADE = 2.0  # seconds after which a staging folder is locked by who made it, or was left behind
_LEFT = 86_400.0  # seconds after which one is taken for left behind where nothing can be locked
_PATIENCE = 60.0  # seconds to wait for others who write into a folder
_BUSY = (errno.EWOULDBLOCK, errno.EACCES)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a file to write; at the end it replaces ``path``, and after an error it is removed.

    Parameters
    ----------
    path
        The file. A link stays, and the file that it points to is replaced.

    Yields
    ------
    Path
        A file of the same name in a staging folder; it does not exist yet.

    Raises
    ------
    OSError
        If it cannot be written.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(f"{folder}/notes.txt") as staged:
    ...         _ = staged.write_text("whole")
    ...     Path(f"{folder}/notes.txt").read_text(), os.listdir(folder)
    ('whole', ['notes.txt'])
    """
    target = Path(path).resolve()
    with staging(target.parent) as folder:
        yield folder / target.name
        replace_file(folder / target.name, target)


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Yield an empty folder inside another, on the same file system; it is removed at the end.

    Staging folders that killed processes left in ``folder`` are removed.

    Parameters
    ----------
    folder
        An existing folder.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    _sweep(folder)
    made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    lock = _open_folder(made)
    try:
        if lock is not None:
            _try_lock(lock)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if lock is not None:
            _unlock(lock)
            os.close(lock)


def replace_file(staged: Path, target: Path, *, like: Path | None = None) -> None:
    """Bring a staged file to the disk and give it its name.

    Its permissions become those of the file that it replaces, else those of any new file.

    Parameters
    ----------
    staged
        A file in a folder made by :func:`staging`.
    target
        Its place, on the file system that was staged in; no link.
    like
        The file whose permissions it gets. None: ``target``.

    Raises
    ------
    OSError
        If it cannot be done; ``target`` is then as it was.
    """
    staged.chmod(_permissions(staged.parent, target if like is None else like))
    with staged.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(staged, target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    handle = _open_folder(folder)
    if handle is None:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(handle)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep others who call this for the same folder waiting, in this process and in others.

    Where folders cannot be locked (Windows, some network drives), nobody waits.

    Parameters
    ----------
    folder
        An existing folder.

    Raises
    ------
    OSError
        If another holds the folder for a minute.
    """
    handle = _open_folder(folder)
    try:
        until = time.monotonic() + _PATIENCE
        while handle is not None and _try_lock(handle) is False:
            if time.monotonic() > until:
                raise OSError(errno.EBUSY, "another process has been writing for a minute", str(folder))
            time.sleep(0.005)
        yield
    finally:
        if handle is not None:
            _unlock(handle)
            os.close(handle)


def _permissions(folder: Path, target: Path) -> int:
    """Return the mode of a file, else of a new one: what the umask leaves, or the folder's own rules."""
    with suppress(FileNotFoundError):
        return target.stat().st_mode & 0o7777
    probe = folder / f"{target.name}.probe"
    with probe.open("wb"):  # reading the umask would change it for other threads
        pass
    mode = probe.stat().st_mode & 0o7777
    probe.unlink()
    return mode


def _sweep(folder: Path) -> None:
    """Remove staging folders whose makers are gone."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # its maker, or another who sweeps, was faster; or it is somebody else's
            if left.is_symlink() or time.time() - left.stat().st_mtime < _MADE:
                continue
            handle = _open_folder(left)
            locked = None if handle is None else _try_lock(handle)
            try:
                if locked or (locked is None and time.time() - left.stat().st_mtime > _LEFT):
                    shutil.rmtree(left, ignore_errors=True)
            finally:
                if handle is not None:
                    os.close(handle)


def _open_folder(folder: Path) -> int | None:
    """Return a handle of a folder; None where folders have none, or this one may not be read."""
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY) if os.name == "posix" else None
    except PermissionError:
        return None


def _try_lock(handle: int) -> bool | None:
    """Lock a folder until its handle is closed: True if done, False if another has it, None if impossible."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in _BUSY else None
    return True


def _unlock(handle: int) -> None:
    """Free a lock: closing the handle does not while a process that was forked meanwhile has it too."""
    if fcntl is not None:
        with suppress(OSError):  # it was none where nothing can be locked
            fcntl.flock(handle, fcntl.LOCK_UN)
