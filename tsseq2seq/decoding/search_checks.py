"""Checks of the arguments of searches and of sampling."""

from __future__ import annotations

import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.settings import check_number

__all__ = ["check_first", "check_prefix", "check_search", "check_vocabulary", "length_limits"]


def check_first(owner: str, first: object) -> None:
    """Refuse what is not one input for each row.

    Raises
    ------
    ParameterError, ParameterTypeError
        If ``first`` is not a tensor (B, 1, …).
    """
    if not isinstance(first, Tensor):
        raise ParameterTypeError(f"{owner}: first is a {type(first).__name__}; it must be a tensor (B, 1, …)")
    if first.ndim < 2 or first.shape[1] != 1:
        raise ParameterError(
            f"{owner}: first is {tuple(first.shape)}; it must be (B, 1, …), one input for each row"
        )


def length_limits(owner: str, max_length: int | Tensor, rows: int, device: torch.device) -> Int[Tensor, " B"]:
    """Return the maximum length of each row.

    Raises
    ------
    ParameterError
        If a maximum length is below 1, or there is neither one nor one for each row.

    Examples
    --------
    >>> length_limits("beam_search", 7, 2, torch.device("cpu"))
    tensor([7, 7])
    """
    if not isinstance(max_length, Tensor):
        check_number(owner, "max_length", max_length, low=1, integer=True)
    limits = torch.as_tensor(max_length, device=device)
    if limits.shape not in ((), (rows,)) or limits.is_floating_point() or limits.dtype == torch.bool:
        raise ParameterError(
            f"{owner}: max_length is a tensor {tuple(limits.shape)} of {limits.dtype}; it must be an "
            f"integer, or integers (B,) = ({rows},), one for each row"
        )
    limits = limits.expand(rows)
    least = min(limits.tolist(), default=1)
    if least < 1:
        raise ParameterError(f"{owner}: max_length is {least}; it must be an integer, at least 1")
    return limits


def check_search(beam: Beam, *, limits: Int[Tensor, " B"], eos_id: int | None, stochastic: bool) -> None:
    """Refuse lengths and settings of a beam search that contradict each other.

    Raises
    ------
    ParameterError
        If ``min_length`` reaches the maximum length, or a stochastic search has groups, a coverage penalty or
        an ``n_best`` above its beam.
    """
    max_length = min(limits.tolist(), default=1)
    if eos_id is not None and len(limits) and beam.min_length >= max_length:
        raise ParameterError(
            f"beam_search: min_length is {beam.min_length}, but max_length is {max_length}, the end token "
            "included; min_length must be below it"
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
    """Refuse tokens outside the vocabulary.

    Raises
    ------
    ParameterError
        If the end token or a token of a prefix is not below ``vocabulary``.
    """
    if eos_id is not None and not 0 <= eos_id < vocabulary:
        raise ParameterError(
            f"{owner}: eos_id is {eos_id}, but there are {vocabulary} tokens, counted from 0"
        )
    if prefix is not None and bool((prefix >= vocabulary).any()):
        row, column = (prefix >= vocabulary).nonzero()[0].tolist()
        raise ParameterError(
            f"{owner}: prefix[{row}, {column}] is {int(prefix[row, column])}, but there are {vocabulary} "
            "tokens, counted from 0"
        )


def check_prefix(owner: str, prefix: Tensor, limits: Int[Tensor, " B"], eos_id: int | None) -> None:
    """Refuse prefixes that cannot begin sequences of these maximum lengths.

    Raises
    ------
    ParameterError
        If there is not one prefix for each row, or a prefix has a negative token other than −1, is too long,
        or goes on after −1 or the end token. The message names the first such row.
    """
    if not isinstance(prefix, Tensor) or prefix.is_floating_point() or prefix.dtype == torch.bool:
        kind = prefix.dtype if isinstance(prefix, Tensor) else type(prefix).__name__
        raise ParameterTypeError(f"{owner}: prefix is a {kind}; it must be a tensor of integers (B, P)")
    if prefix.ndim != 2:
        raise ParameterError(
            f"{owner}: prefix is {tuple(prefix.shape)}; it must be (B, P), tokens for each row padded with -1"
        )
    if len(prefix) != len(limits):
        raise ParameterError(f"{owner}: prefix has {len(prefix)} rows, but first has {len(limits)}")
    forced = prefix >= 0
    if bool((prefix < -1).any()):
        row, column = (prefix < -1).nonzero()[0].tolist()
        raise ParameterError(
            f"{owner}: prefix[{row}, {column}] is {int(prefix[row, column])}; it must be a token, or -1 "
            "as padding"
        )
    excess = forced.sum(1) > limits
    if bool(excess.any()):
        row = int(excess.nonzero()[0])
        raise ParameterError(
            f"{owner}: prefix has {int(forced[row].sum())} tokens, but max_length is "
            f"{int(limits[row])} (row {row})"
        )
    # no token may follow −1 or the end token
    ends = ~forced if eos_id is None else ~forced | (prefix == eos_id)
    late = forced[:, 1:] & (ends[:, :-1].cumsum(1) > 0)
    if bool(late.any()):
        row, column = late.nonzero()[0].tolist()
        raise ParameterError(
            f"{owner}: prefix[{row}, {column + 1}] is {int(prefix[row, column + 1])} after "
            f"{int(prefix[row, int(ends[row].int().argmax())])}, which ends the prefix"
        )
