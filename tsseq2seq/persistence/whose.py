"""Why a file cannot be read: whose it is, and what they can do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

__all__ = ["why_unreadable"]


def why_unreadable(file: Path, error: OSError) -> str:
    """Return the reason that the user can act on.

    Parameters
    ----------
    file
        The file.
    error
        What reading it raised.

    Examples
    --------
    >>> why_unreadable(Path("model.json"), OSError(errno.EIO, "Input/output error"))
    '[Errno 5] Input/output error'
    """
    if error.errno not in (errno.EACCES, errno.EPERM):
        return str(error)
    try:
        owner = _name(os.stat(file).st_uid)
    except OSError:
        owner = _name(os.stat(file.parent).st_uid) if os.path.exists(file.parent) else "another user"
    return f"it belongs to {owner}, who must permit it (chmod a+r)"


def _name(number: int) -> str:
    """Return the name of a user, or what can be said of them."""
    try:
        import pwd

        return f"the user {pwd.getpwuid(number).pw_name!r}"
    except (ImportError, KeyError):
        return f"the user {number}"
