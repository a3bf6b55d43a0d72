"""Residual decoding: the decoder's output is added to a base; one base a file, behind one interface."""

from __future__ import annotations

from tsseq2seq.nn.residuals.base import Residual
from tsseq2seq.nn.residuals.given import GivenBase
from tsseq2seq.nn.residuals.last_value import LastValue
from tsseq2seq.nn.residuals.learned_seasons import LearnedSeasons
from tsseq2seq.nn.residuals.mean_of_seasons import MeanOfSeasons
from tsseq2seq.nn.residuals.previous_season import PreviousSeason
from tsseq2seq.nn.residuals.previous_segment import PreviousSegment
from tsseq2seq.settings import check_choice

__all__ = [
    "RESIDUALS",
    "GivenBase",
    "LastValue",
    "LearnedSeasons",
    "MeanOfSeasons",
    "PreviousSeason",
    "PreviousSegment",
    "Residual",
    "build_residual",
]

_WITHOUT_SEASONS: dict[str, type[GivenBase] | type[LastValue] | type[PreviousSegment]] = {
    "value": LastValue,
    "segment": PreviousSegment,
    "smoothing": GivenBase,
}

#: The names that ``Network(residual=…)`` chooses among.
RESIDUALS = (*_WITHOUT_SEASONS, "season")


def build_residual(
    name: str,
    *,
    lag: int,
    length: int,
    targets: int,
    seasons: int = 1,
    weights: str = "equal",
    ahead: int = 1,
) -> Residual:
    """Build a residual by its name in :class:`~tsseq2seq.nn.network.Network`.

    Parameters
    ----------
    name
        ``"smoothing"`` (a base that comes with the windows), ``"value"``, ``"segment"`` or ``"season"``.
    lag
        Segments of a season; read for ``"season"`` only, like all parameters after ``targets``.
    length, targets
        Time steps of a segment, and target variables.
    seasons
        Number of past seasons that a base is computed from.
    weights
        ``"equal"``: the mean of the seasons. ``"learned"``: a learned linear combination of them.
    ahead
        Number of seasons ahead, each with learned weights of its own.

    Raises
    ------
    ParameterError
        If the name is unknown.

    Examples
    --------
    >>> type(build_residual("season", lag=2, length=12, targets=1, seasons=3)).__name__
    'MeanOfSeasons'
    """
    check_choice("build_residual", "name", name, RESIDUALS)
    if name in _WITHOUT_SEASONS:
        return _WITHOUT_SEASONS[name](length=length, targets=targets)
    if weights == "learned":
        return LearnedSeasons(lag=lag, length=length, targets=targets, seasons=seasons, ahead=ahead)
    if seasons == 1:
        return PreviousSeason(lag=lag, length=length, targets=targets)
    return MeanOfSeasons(lag=lag, length=length, targets=targets, seasons=seasons)
