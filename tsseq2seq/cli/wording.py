"""What the library says in the words of Python, in those of the command."""

from __future__ import annotations

import re

__all__ = ["as_options"]

# Parameters whose option is called otherwise; the others only have dashes for underscores.
_OPTIONS = {"season_length": "--season", "lags": "--lag", "target_col": "--target-col"}
_SETTING = re.compile(r"\b([a-z]+(?:_[a-z]+)*)=([\w.'-]+)")


def as_options(text: str) -> str:
    """Write settings such as ``season_length=7`` as options.

    Examples
    --------
    >>> as_options("say it: season_length=7, or freq='D'")
    'say it: --season 7, or --freq D'
    """
    return _SETTING.sub(lambda setting: f"{_option(setting[1])} {setting[2].strip(chr(39))}", text)


def _option(parameter: str) -> str:
    return _OPTIONS.get(parameter, "--" + parameter.replace("_", "-"))
