"""What beam search refuses before it searches: arguments that contradict each other."""

from __future__ import annotations

from jaxtyping import Int
from torch import Tensor

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.errors import ParameterError

__all__ = ["check_search", "check_vocabulary"]


def check_search(
    beam: Beam,
    *,
    limits: Int[Tensor, " B"],
    eos_id: int | None,
    prefix: Int[Tensor, "P T"] | None,
    stochastic: bool,
) -> None:
    """Refuse lengths, prefixes and settings that do not go together.

    Raises
    ------
    ParameterError
        Naming the argument and, of a prefix, its first offending row.
    """
    max_length = min(limits.tolist(), default=1)
    if max_length < 1:
        raise ParameterError(f"beam_search: max_length is {max_length}; it must be at least 1")
    if eos_id is not None and len(limits) and beam.min_length >= max_length:
        raise ParameterError(
            f"beam_search: min_length is {beam.min_length}, but max_length is {max_length} with the end "
            "token; min_length must be below it"
        )
    if stochastic and (beam.groups > 1 or beam.coverage_penalty):
        raise ParameterError(
            "beam_search: a stochastic search has no groups and no coverage penalty, but groups is "
            f"{beam.groups} and coverage_penalty {beam.coverage_penalty}"
        )
    if stochastic and beam.n_best > beam.beam_size:
        raise ParameterError(
            f"beam_search: n_best is {beam.n_best}, but beam_size is {beam.beam_size}; a stochastic search "
            "draws no more sequences than its beam holds"
        )
    if prefix is not None:
        _check_prefix(prefix, limits, eos_id)


def check_vocabulary(vocabulary: int, eos_id: int | None, prefix: Int[Tensor, "B P"] | None) -> None:
    """Refuse tokens that the model does not have.

    Raises
    ------
    ParameterError
        If the end token or a forced one is none of the ``vocabulary`` tokens.
    """
    if eos_id is not None and not 0 <= eos_id < vocabulary:
        raise ParameterError(
            f"beam_search: eos_id is {eos_id}, but there are {vocabulary} tokens, counted from 0"
        )
    if prefix is not None and bool((prefix >= vocabulary).any()):
        row, place = (prefix >= vocabulary).nonzero()[0].tolist()
        raise ParameterError(
            f"beam_search: prefix[{row}, {place}] is {int(prefix[row, place])}, but there are {vocabulary} "
            "tokens, counted from 0"
        )


def _check_prefix(prefix: Int[Tensor, "P T"], limits: Int[Tensor, " B"], eos_id: int | None) -> None:
    if len(prefix) != len(limits):
        raise ParameterError(f"beam_search: prefix has {len(prefix)} rows, but first has {len(limits)}")
    forced = prefix >= 0
    if bool((prefix < -1).any()):
        row, place = (prefix < -1).nonzero()[0].tolist()
        raise ParameterError(
            f"beam_search: prefix[{row}, {place}] is {int(prefix[row, place])}; it must be a token, or -1 "
            "behind the prefix"
        )
    excess = forced.sum(1) - limits
    if bool((excess > 0).any()):
        row = int(excess.argmax())
        raise ParameterError(
            f"beam_search: prefix has {int(forced[row].sum())} tokens, but max_length is "
            f"{int(limits[row])} (row {row})"
        )
    # nothing may be forced behind −1, nor behind the end token
    closes = ~forced if eos_id is None else ~forced | (prefix == eos_id)
    late = forced[:, 1:] & (closes[:, :-1].cumsum(1) > 0)
    if bool(late.any()):
        row, place = late.nonzero()[0].tolist()
        raise ParameterError(
            f"beam_search: prefix[{row}, {place + 1}] is {int(prefix[row, place + 1])} behind "
            f"{int(prefix[row, int(closes[row].int().argmax())])}, which ends the prefix"
        )
