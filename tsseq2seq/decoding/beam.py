"""Beam: the settings of beam search, declared here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from tsseq2seq.decoding.penalties import NORMALIZATIONS
from tsseq2seq.errors import ParameterError
from tsseq2seq.settings import Settings, check_choice, check_number

__all__ = ["Beam"]


@dataclass(frozen=True)
class Beam(Settings):
    """How beam search searches.

    Parameters
    ----------
    beam_size
        Hypotheses kept at each step; 1 takes the likeliest token at each, as greedy search does.
    n_best
        Hypotheses returned, at most; fewer where fewer exist.
    length_normalization
        By what log-probabilities are divided before finished hypotheses are compared: ``"average"``
        (the number of tokens), ``"gnmt"`` (Wu et al. 2016) or None, which favours short ones.
    length_penalty
        Exponent of the normalisation; 0 is none.
    coverage_penalty
        Weight of the coverage score (Wu et al. 2016), for models with attention; 0 is none.
    min_length
        Fewest tokens before the end token.
    no_repeat_ngram
        No sequence of so many tokens occurs twice; 0 allows all.
    groups
        Groups of beams, each searching by itself but for a penalty on tokens that groups before it
        chose at the same step (Vijayakumar et al. 2018). ``beam_size`` must be a multiple. What several
        groups find is returned once.
    diversity
        That penalty, in log-probability for each beam of those groups that chose the token. It guides
        the choice of the step only; scores are without it.
    stop
        ``"exact"``: a row ends when nothing still open can become better than what it would return.
        ``"full"``: all run to the greatest length.

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
            check_number("Beam", name, getattr(self, name), low=1, integer=True)
        for name in ("min_length", "no_repeat_ngram"):
            check_number("Beam", name, getattr(self, name), low=0, integer=True)
        # a length to a larger power overflows, and an infinite weight times 0 is no score
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

    @property
    def is_greedy(self) -> bool:
        """Whether greedy search finds the same: one beam, and nothing beside log-probabilities counts.

        Normalisation by length changes the score of the one hypothesis, and not which it is.
        """
        return self.beam_size == 1 and not (self.coverage_penalty or self.min_length or self.no_repeat_ngram)
