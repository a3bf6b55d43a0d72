"""What searching and sampling find: a sequence of tokens with its scores."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

__all__ = ["Hypothesis"]


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """One output sequence.

    Attributes
    ----------
    tokens
        The tokens generated, the end token included if there is one.
    log_probability
        Natural logarithm of the sequence's probability; the sum of ``token_log_probabilities``.
    score
        By which hypotheses are ranked: the log-probability with its penalties.
    token_log_probabilities
        Of each token, given those before it.
    alignment
        (tokens, S), attention weights of each step, or None without attention.
    finished
        Whether the sequence ended by itself, rather than at the greatest length.
    text
        The tokens as text, where there is a vocabulary.

    Examples
    --------
    >>> found = Hypothesis((7, 2), -0.5, -0.25, (-0.3, -0.2), alignment=None, finished=True)
    >>> found.log_probability / len(found.tokens) == found.score
    True
    """

    tokens: tuple[int, ...]
    log_probability: float
    score: float
    token_log_probabilities: tuple[float, ...]
    alignment: Tensor | None
    finished: bool
    text: str = ""
