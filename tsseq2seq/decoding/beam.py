"""Beam: the settings of beam search."""

from __future__ import annotations

from dataclasses import dataclass

from tsseq2seq.decoding.penalties import NORMALIZATIONS
from tsseq2seq.errors import ParameterError
from tsseq2seq.settings import Settings, check_choice, check_number

__all__ = ["Beam"]

# Beams grow to as many as there are continuations, and memory with them.
_WIDEST = 100_000


_WIDEST = 100_000


@dataclass(frozen=True)
class Beam(Settings):
    """Settings of beam search.

    Parameters
    ----------
    beam_size
        Hypotheses kept at each decoder step. With 1 the search is greedy.
    n_best
        Most hypotheses returned for a row.
    length_normalization
        Divisor of the log-probabilities of finished hypotheses before they are compared: ``"average"`` (the
        number of tokens) or ``"gnmt"`` (Wu et al. 2016). None: no divisor, which favours short hypotheses.
    length_penalty
        Exponent of the divisor; 0 for no normalisation.
    coverage_penalty
        Weight of the coverage score (Wu et al. 2016), for models with attention; 0 for no penalty.
    min_length
        Fewest tokens before the end token.
    no_repeat_ngram
        Length of n-grams of which none may occur twice in a sequence; 0 allows all.
    groups
        Number of groups of beams, a divisor of ``beam_size``. Each group searches on its own, with a penalty
        on tokens that earlier groups chose at the same step (Vijayakumar et al. 2018). A hypothesis found by
        several groups is returned once.
    diversity
        This penalty, as a log-probability, for each beam of an earlier group that chose the token. It affects
        which tokens are chosen, and is not part of scores.
    stop
        ``"exact"``: a row ends as soon as no open hypothesis can become better than those it would return.
        ``"full"``: every row runs to the maximum length.

    Examples
    --------
    >>> Beam(beam_size=4, n_best=2).length_normalization
    'average'
    """

    beam_size: int = 5
    n_best: int = 1
    length_normalization: str | None = "average"
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0
    min_length: int = 0
    no_repeat_ngram: int = 0
    groups: int = 1
    diversity: float = 0.0
    stop: str = "exact"

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        for name in ("beam_size", "n_best", "groups"):
            check_number("Beam", name, getattr(self, name), low=1, high=_WIDEST, integer=True)
        for name in ("min_length", "no_repeat_ngram"):
            check_number("Beam", name, getattr(self, name), low=0, integer=True)
        # a length to a larger power overflows, and an infinite weight times 0 is NaN
        check_number("Beam", "length_penalty", self.length_penalty, low=0, high=10)
        for name in ("coverage_penalty", "diversity"):
            check_number("Beam", name, getattr(self, name), low=0, high=1e6)
        check_choice("Beam", "length_normalization", self.length_normalization, NORMALIZATIONS)
        check_choice("Beam", "stop", self.stop, ("exact", "full"))
        if self.beam_size % self.groups:
            raise ParameterError(
                f"Beam: beam_size is {self.beam_size}, but groups is {self.groups}; beam_size must be a "
                "multiple of groups"
            )
        if self.diversity and self.groups == 1:
            raise ParameterError(
                f"Beam: diversity is {self.diversity} but groups is 1, of which none is earlier than "
                "another; use groups of 2 or more, or leave diversity out"
            )
        if self.length_normalization is None and self.length_penalty not in (0, 1):
            raise ParameterError(
                f"Beam: length_penalty is {self.length_penalty} but length_normalization is None, so that "
                "there is no divisor of which it would be the exponent; use 'average' or 'gnmt', or leave "
                "one of them out"
            )

    @property
    def is_greedy(self) -> bool:
        """Whether greedy search returns the same tokens: one beam, and log-probabilities alone decide.

        Length normalisation changes the score of the only hypothesis, but not its tokens.
        """
        return self.beam_size == 1 and not (self.coverage_penalty or self.min_length or self.no_repeat_ngram)
