"""Checks of the arguments of searches and of sampling."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.errors import ParameterError, ParameterTypeError, shown
from tsseq2seq.settings import check_number

__all__ = [
    "check_first",
    "check_generator",
    "check_places",
    "check_prefix",
    "check_search",
    "check_source_mask",
    "check_vocabulary",
    "end_token",
    "length_limits",
]


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


def check_generator(owner: str, generator: object) -> None:
    """Refuse what is no generator of random numbers.

    Raises
    ------
    ParameterTypeError
        With how to make one of a seed.
    """
    if generator is not None and not isinstance(generator, torch.Generator):
        raise ParameterTypeError(
            f"{owner}: generator is {shown(generator)}; it must be a torch.Generator, such as "
            "torch.Generator().manual_seed(0), or None"
        )


def check_source_mask(owner: str, mask: object, rows: int) -> None:
    """Refuse what is not one truth value for each place of each source.

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is not a boolean tensor (B, S).
    """
    if mask is None:
        return
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool:
        kind = mask.dtype if isinstance(mask, Tensor) else type(mask).__name__
        raise ParameterTypeError(f"{owner}: source_mask is a {kind}; it must be a tensor of booleans (B, S)")
    if mask.ndim != 2 or len(mask) != rows:
        raise ParameterError(f"{owner}: source_mask is {tuple(mask.shape)}; it must be (B, S) = ({rows}, S)")


def check_places(owner: str, mask: Bool[Tensor, "B S"] | None, weights: Tensor | None) -> None:
    """Refuse a mask of other places than those that the model reads.

    Raises
    ------
    ParameterError
        With the shapes of both.
    """
    if mask is not None and weights is not None and mask.shape[1] != weights.shape[2]:
        raise ParameterError(
            f"{owner}: source_mask is {tuple(mask.shape)}, but weights are {tuple(weights.shape)}; S must be "
            "the same"
        )


def end_token(owner: str, eos_id: object) -> int | None:
    """Return the end token as an integer; None: there is none.

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is not one integer.

    Examples
    --------
    >>> end_token("beam_search", torch.tensor(2))
    2
    """
    if isinstance(eos_id, Tensor) and eos_id.ndim == 0:
        eos_id = eos_id.item()
    check_number(owner, "eos_id", eos_id, low=0, integer=True, optional=True)
    return None if eos_id is None else int(eos_id)  # type: ignore[call-overload]


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


def check_search(beam: object, *, limits: Int[Tensor, " B"], eos_id: int | None, stochastic: bool) -> None:
    """Refuse lengths and settings of a beam search that contradict each other.

    Raises
    ------
    ParameterError
        If ``min_length`` reaches the maximum length, or a stochastic search has groups, a coverage penalty, a
        normalisation of lengths other than the default or an ``n_best`` above its beam.
    ParameterTypeError
        If ``beam`` is not a :class:`~tsseq2seq.decoding.beam.Beam`.
    """
    if not isinstance(beam, Beam):
        raise ParameterTypeError(
            f"beam_search: beam is {shown(beam)}; it must be a Beam, such as Beam(beam_size=3)"
        )
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
    # the default, and none at all
    for name, admitted in (("length_normalization", ("average", None)), ("length_penalty", (1, 0))):
        value = getattr(beam, name)
        if stochastic and value not in admitted:
            raise ParameterError(
                f"beam_search: {name} is {value!r}, but a stochastic search (seed or generator) ranks by "
                "drawn numbers, not by scores that are normalised by length; leave one of them out"
            )
    if stochastic and beam.n_best > beam.beam_size:
        raise ParameterError(
            f"beam_search: n_best is {beam.n_best}, but beam_size is {beam.beam_size}; a stochastic search "
            "draws no more sequences than its beam holds"
        )


def check_vocabulary(
    owner: str, vocabulary: int, eos_id: int | None, prefix: Int[Tensor, "B P"] | None
) -> None:
    """Refuse tokens outside the vocabulary, and a model without any.

    Raises
    ------
    ParameterError
        If the end token or a token of a prefix is not below ``vocabulary``.
    """
    if not vocabulary:
        raise ParameterError(f"{owner}: the output has no tokens, V = 0; it must be (B, Q, V)")
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
