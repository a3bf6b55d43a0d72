"""The names of models: those that ``--models`` and ``--model-name`` take, and ``leaderboard`` prints."""

from __future__ import annotations

import difflib
import re

from tsseq2seq.errors import ParameterError, shown

__all__ = ["BASELINES", "NETWORK", "PRETRAINED", "parse_model", "parse_models"]

NETWORK = "seq2seq"

#: The class of each statistical method, by name.
BASELINES = {
    "smoothing": "Smoothing",
    "seasonal-naive": "SeasonalNaive",
    "naive2": "Naive2",
    "theta": "Theta",
    "ets": "ETS",
    "sarimax": "SARIMAX",
}

#: What the pretrained network is asked for, by name.
PRETRAINED = {"pretrained": "pretrained", "fine-tuned": "fine_tuned"}

_MARKS = re.compile(r"[-_\s]")


def parse_model(text: str, option: str) -> str:
    """Return the name of a model, however it is written: as an option, or as the leaderboard prints it.

    Parameters
    ----------
    text
        The name.
    option
        The option that it was given to, for messages.

    Raises
    ------
    ParameterError
        If there is no such model.

    Examples
    --------
    >>> parse_model("SeasonalNaive", "--model-name"), parse_model("Seq2Seq", "--model-name")
    ('seasonal-naive', 'seq2seq')
    """
    names = {_plain(name): name for name in (NETWORK, *PRETRAINED, *BASELINES)}
    written = _plain(text)
    if written not in names:
        near = difflib.get_close_matches(written, names, n=1)
        hint = f"did you mean {names[near[0]]}? There are" if near else "there are"
        raise ParameterError(f"{option} has {shown(text.strip())}; {hint}: {', '.join(names.values())}")
    return names[written]


def parse_models(text: str) -> list[str]:
    """Return the names of several models, separated by commas.

    Raises
    ------
    ParameterError
        If there is no such model, or one is named twice.
    """
    names = [parse_model(piece, "--models") for piece in text.split(",")]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError(f"--models has {name!r} twice")
    return names


def _plain(text: str) -> str:
    return _MARKS.sub("", text.strip().lower())
