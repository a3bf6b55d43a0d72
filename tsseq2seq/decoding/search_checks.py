"""What searching and sampling refuse before they begin: arguments that contradict each other."""

from __future__ import annotations

import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.errors import ParameterError
from tsseq2seq.settings import check_number

__all__ = ["check_prefix", "check_search", "check_vocabulary", "read_limits"]


def read_limits(
    owner: str, max_length: int | Int[Tensor, " B"], rows: int, device: torch.device
) -> Int[Tensor, " B"]:
    """Return the greatest length of each row.

    Raises
    ------
    ParameterError
        If one is below 1.

    Examples
    --------
    >>> read_limits("beam_search", 7, 2, torch.device("cpu"))
    tensor([7, 7])
    """
    if not isinstance(max_length, Tensor):
        check_number(owner, "max_length", max_length, low=1, integer=True)
    limits = torch.as_tensor(max_length, device=device).expand(rows)
    least = min(limits.tolist(), default=1)
    if least < 1:
        raise ParameterError(f"{owner}: max_length is {least}; it must be an integer, at least 1")
    return limits


def check_search(beam: Beam, *, limits: Int[Tensor, " B"], eos_id: int | None, stochastic: bool) -> None:
    """Refuse lengths and settings of a beam search that do not go together.

    Raises
    ------
    ParameterError
        Naming the arguments.
    """
    max_length = min(limits.tolist(), default=1)
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


def check_vocabulary(
    owner: str, vocabulary: int, eos_id: int | None, prefix: Int[Tensor, "B P"] | None
) -> None:
    """Refuse tokens that the model does not have.

    Raises
    ------
    ParameterError
        If the end token or a forced one is none of the ``vocabulary`` tokens.
    """
    if eos_id is not None and not 0 <= eos_id < vocabulary:
        raise ParameterError(
            f"{owner}: eos_id is {eos_id}, but there are {vocabulary} tokens, counted from 0"
        )
    if prefix is not None and bool((prefix >= vocabulary).any()):
        row, place = (prefix >= vocabulary).nonzero()[0].tolist()
        raise ParameterError(
            f"{owner}: prefix[{row}, {place}] is {int(prefix[row, place])}, but there are {vocabulary} "
            "tokens, counted from 0"
        )


def check_prefix(
    owner: str, prefix: Int[Tensor, "P T"], limits: Int[Tensor, " B"], eos_id: int | None
) -> None:
    """Refuse prefixes that are no beginnings of sequences of these lengths.

    Raises
    ------
    ParameterError
        Naming the first offending row.
    """
    if len(prefix) != len(limits):
        raise ParameterError(f"{owner}: prefix has {len(prefix)} rows, but first has {len(limits)}")
    forced = prefix >= 0
    if bool((prefix < -1).any()):
        row, place = (prefix < -1).nonzero()[0].tolist()
        raise ParameterError(
            f"{owner}: prefix[{row}, {place}] is {int(prefix[row, place])}; it must be a token, or -1 "
            "behind the prefix"
        )
    excess = forced.sum(1) > limits
    if bool(excess.any()):
        row = int(excess.nonzero()[0])
        raise ParameterError(
            f"{owner}: prefix has {int(forced[row].sum())} tokens, but max_length is "
            f"{int(limits[row])} (row {row})"
        )
    # nothing may be forced behind −1, nor behind the end token
    closes = ~forced if eos_id is None else ~forced | (prefix == eos_id)
    late = forced[:, 1:] & (closes[:, :-1].cumsum(1) > 0)
    if bool(late.any()):
        row, place = late.nonzero()[0].tolist()
        raise ParameterError(
            f"{owner}: prefix[{row}, {place + 1}] is {int(prefix[row, place + 1])} behind "
            f"{int(prefix[row, int(closes[row].int().argmax())])}, which ends the prefix"
        )
