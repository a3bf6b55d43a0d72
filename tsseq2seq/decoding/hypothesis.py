"""Hypothesis: an output sequence that a search or sampling found, with its scores."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

__all__ = ["Hypothesis"]

# Characters and tokens that a repr shows.
_SHOWN_TEXT, _SHOWN_TOKENS = 80, 10


@dataclass(frozen=True, eq=False, repr=False)
class Hypothesis:
    """One output sequence.

    Attributes
    ----------
    tokens
        The tokens, the end token included if the sequence has one.
    log_probability
        Natural logarithm of the sequence's probability; the sum of ``token_log_probabilities``.
    score
        The rank among hypotheses: the log-probability, with length normalisation and penalties.
    token_log_probabilities
        Log-probability of each token given those before it.
    alignment
        (tokens, S), the attention weights of each token; None without attention.
    finished
        Whether the sequence ended with the end token. False if it was cut at the maximum length.
    text
        The tokens as text; empty without a vocabulary.

    Examples
    --------
    >>> found = Hypothesis((7, 2), -0.5, -0.25, (-0.3, -0.2), alignment=None, finished=True)
    >>> found.log_probability / len(found.tokens) == found.score
    True
    >>> found
    Hypothesis('', tokens=(7, 2), log_probability=-0.5, score=-0.25, finished=True)
    """

    tokens: tuple[int, ...]
    log_probability: float
    score: float
    token_log_probabilities: tuple[float, ...]
    alignment: Tensor | None
    finished: bool
    text: str = ""

    def __repr__(self) -> str:
        """Return the text, the first tokens and the scores, on a line or two."""
        text = self.text if len(self.text) <= _SHOWN_TEXT else f"{self.text[:_SHOWN_TEXT]}…"
        shown = ", ".join(map(str, self.tokens[:_SHOWN_TOKENS]))
        more = len(self.tokens) - _SHOWN_TOKENS
        tokens = f"({shown}, … {more} more)" if more > 0 else str(self.tokens)
        return (
            f"Hypothesis({text!r}, tokens={tokens}, log_probability={self.log_probability:.6g}, "
            f"score={self.score:.6g}, finished={self.finished})"
        )
