"""Truncation of long token sequences."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences, sequence_offsets
from tsseq2seq.errors import DataWarning, ParameterError, warn
from tsseq2seq.settings import Settings, check_choice, check_number

__all__ = ["Truncation"]


@dataclass(frozen=True)
class Truncation(Settings):
    """How long sequences are truncated.

    Parameters
    ----------
    max_length
        Tokens of a sequence at the most. The end token of a target does not count, and is always kept. None:
        nothing is cut off.
    side
        The side that is cut off, ``"back"`` (default) or ``"front"``.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     cut = Truncation(2, side="front").sources(TokenSequences.of([[4, 5, 6], [7]]))
    >>> cut[0], cut[1]
    ([5, 6], [7])
    >>> print(caught[0].message)
    1 of 2 sources is longer than max_length=2 tokens; the front of it was cut off
    """

    max_length: int | None = None
    side: str = "back"

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        check_number("Truncation", "max_length", self.max_length, low=1, integer=True, optional=True)
        check_choice("Truncation", "side", self.side, ("back", "front"))
        if self.side != "back" and self.max_length is None:
            raise ParameterError(
                f"Truncation: side is {self.side!r} but max_length is None, so that nothing is cut off; set "
                "max_length, or leave side out"
            )

    def sources(self, sequences: TokenSequences) -> TokenSequences:
        """Return source sequences truncated; warn if some were cut."""
        cut, count = self._cut(sequences, end=0)
        self._warn({"sources": count}, len(sequences))
        return cut

    def pairs(self, pairs: TokenPairs) -> TokenPairs:
        """Return pairs truncated; warn once, with the counts of both, if some were cut."""
        assert isinstance(pairs.sources, TokenSequences)
        sources, cut_sources = self._cut(pairs.sources, end=0)
        targets, cut_targets = self._cut(pairs.targets, end=1)
        self._warn({"sources": cut_sources, "targets": cut_targets}, len(pairs))
        return TokenPairs(sources, targets)

    def _cut(self, sequences: TokenSequences, *, end: int) -> tuple[TokenSequences, int]:
        """Return sequences and how many were cut; the last ``end`` tokens are kept and do not count."""
        if self.max_length is None:
            return sequences, 0
        lengths = sequences.lengths
        body = (lengths - end).clamp(min=0)
        kept = body.clamp(max=self.max_length)
        count = int((body > kept).sum())
        if not count:
            return sequences, 0
        positions = _positions(sequences)
        row = torch.arange(len(lengths), device=lengths.device).repeat_interleave(lengths)
        first = (body - kept)[row] if self.side == "front" else torch.zeros_like(positions)
        inside = (positions >= first) & (positions < first + kept[row])
        remaining = inside | (positions >= body[row])
        return TokenSequences(sequences.tokens[remaining], sequence_offsets(lengths - body + kept)), count

    def _warn(self, counts: dict[str, int], total: int) -> None:
        cut = {name: count for name, count in counts.items() if count}
        if not cut:
            return
        one = sum(cut.values()) == 1
        which = " and ".join(f"{count} of {total} {name}" for name, count in cut.items())
        warn(
            f"{which} {'is' if one else 'are'} longer than max_length={self.max_length} tokens; "
            f"the {self.side} of {'it' if one else 'them'} was cut off",
            DataWarning,
        )


def _positions(sequences: TokenSequences) -> Int[Tensor, " tokens"]:
    """Return each token's position in its own sequence."""
    start = sequences.offsets[:-1].repeat_interleave(sequences.lengths)
    return torch.arange(len(start), device=start.device) - start
