"""Sampling of sequences, with temperature, top-k and top-p (nucleus)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.independent import decode_independently
from tsseq2seq.decoding.search_checks import check_generator
from tsseq2seq.decoding.stepper import Stepper
from tsseq2seq.decoding.token_scores import log_softmax
from tsseq2seq.errors import ParameterTypeError, shown
from tsseq2seq.settings import Settings, check_number

__all__ = ["Sampling", "sample_sequences", "truncate"]

# Close to the smallest float32; sampling is greedy at this temperature.
_LEAST_TEMPERATURE = 1e-30
_MOST_SAMPLES = 1_000_000


@dataclass(frozen=True)
class Sampling(Settings):
    """Settings of ancestral sampling: sequences are drawn token by token.

    Parameters
    ----------
    temperature
        Divisor of the log-probabilities: below 1 likely tokens become likelier, above 1 less likely.
    top_k
        Number of likeliest tokens that may be drawn. None: all.
    top_p
        Only the fewest likeliest tokens whose probabilities add up to this may be drawn (Holtzman et al.
        2020). None: all.
    num_samples
        Sequences drawn for each row, independently; the same one may be drawn twice.

    Examples
    --------
    >>> Sampling(temperature=0.8, top_k=10).num_samples
    1
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    num_samples: int = 1

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        # infinity would turn the log-probability −∞ of an impossible token into NaN
        check_number("Sampling", "temperature", self.temperature, low=0, low_open=True, high=1e6)
        check_number("Sampling", "top_k", self.top_k, low=1, integer=True, optional=True)
        check_number("Sampling", "top_p", self.top_p, low=0, low_open=True, high=1, optional=True)
        check_number("Sampling", "num_samples", self.num_samples, low=1, high=_MOST_SAMPLES, integer=True)

    def draw(
        self, scores: Float[Tensor, "B Q V"], generator: torch.Generator | None = None
    ) -> Int[Tensor, "B Q"]:
        """Draw a token from each distribution of log-probabilities.

        Examples
        --------
        >>> scores = torch.tensor([[[0.1, 0.2, 0.7]]]).log()
        >>> Sampling(top_k=1).draw(scores).tolist()
        [[2]]
        """
        # the likeliest token's score is 0, however small the temperature
        best = scores.amax(-1, keepdim=True)
        scaled = (scores - best) / max(self.temperature, _LEAST_TEMPERATURE)
        # of −∞ alone, of NaN and of +∞ nothing can be drawn; the caller sees the score of what stands for it
        impossible = ~(best.abs() < torch.inf)
        if bool(impossible.any()):
            scaled = scaled.masked_fill(impossible, 0.0)
        flat = truncate(scaled, self.top_k, self.top_p).softmax(-1).flatten(0, 1)
        drawn = torch.multinomial(flat, 1, generator=generator).reshape(scores.shape[:2])
        return torch.where(impossible[..., 0], scores.argmax(-1), drawn) if bool(impossible.any()) else drawn


def sample_sequences(
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    first: Tensor,
    max_length: int | Tensor,
    eos_id: int | None = None,
    sampling: Sampling = Sampling(),
    generator: torch.Generator | None = None,
    log_probabilities: Callable[[Tensor], Tensor] = log_softmax,
    feedback: Callable[[Tensor], Tensor] = lambda tokens: tokens,
    prefix: Tensor | None = None,
) -> list[list[Hypothesis]]:
    """Draw sequences, each token from the model's distribution given those before it.

    Parameters
    ----------
    stepper, encoding, first, max_length, eos_id, log_probabilities, feedback, prefix
        As in :func:`~tsseq2seq.decoding.beam_search.beam_search`. The tokens after a prefix are drawn.
    sampling
        The settings.
    generator
        Generator of the random numbers. All rows share it, so the samples of a row depend on the other rows.
        None: torch's own.

    Returns
    -------
    list of list of Hypothesis
        ``sampling.num_samples`` for each row, in the order drawn. Their log-probabilities are those of the
        model, without temperature and truncation. At a dead end, where all tokens have −∞, a sequence is cut
        and is not finished.

    Raises
    ------
    ParameterError
        If a length, a prefix or the end token is invalid, what the model returns has a wrong shape, or a
        log-probability is NaN or +∞.
    """
    if not isinstance(sampling, Sampling):
        raise ParameterTypeError(
            f"sample_sequences: sampling is {shown(sampling)}; it must be a Sampling, such as "
            "Sampling(num_samples=3)"
        )
    check_generator("sample_sequences", generator)
    return decode_independently(
        "sample_sequences",
        lambda scores: sampling.draw(scores, generator),
        stepper,
        encoding,
        first=first,
        max_length=max_length,
        eos_id=eos_id,
        queries=sampling.num_samples,
        log_probabilities=log_probabilities,
        feedback=feedback,
        prefix=prefix,
    )


def truncate(scores: Float[Tensor, "*B V"], top_k: int | None, top_p: float | None) -> Float[Tensor, "*B V"]:
    """Set the log-probabilities of tokens outside top-k and top-p to −∞; the likeliest token stays.

    Examples
    --------
    >>> truncate(torch.tensor([0.5, 0.3, 0.2]).log(), None, 0.6).exp().round(decimals=1).tolist()
    [0.5, 0.30000001192092896, 0.0]
    """
    if top_k is not None and top_k < scores.shape[-1]:
        # by index, not by value, so that no more than top_k tokens stay if several are equally likely
        kept = scores.topk(top_k, dim=-1).indices
        dropped = torch.ones_like(scores, dtype=torch.bool).scatter(-1, kept, False)
        scores = scores.masked_fill(dropped, -torch.inf)
    if top_p is not None and top_p < 1:
        ordered, order = scores.softmax(-1).sort(dim=-1, descending=True, stable=True)
        # a token stays if the likelier ones do not add up to top_p
        dropped = ordered.cumsum(-1) - ordered >= top_p
        scores = scores.masked_fill(torch.zeros_like(dropped).scatter(-1, order, dropped), -torch.inf)
    return scores
