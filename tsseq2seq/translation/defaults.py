"""What a translator chooses from its pairs where the user left it open."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.training.training import Training

__all__ = ["ResolvedTokenSettings", "resolve_token_settings"]

_EPOCHS = 15
_FEWEST_STEPS, _MOST_STEPS = 300, 20_000
_LARGE_VOCABULARY = 1000
_SLACK = 10


@dataclass(frozen=True)
class ResolvedTokenSettings:
    """Settings with nothing left open.

    Attributes
    ----------
    network, training, output
        The settings given, with every None that means "from the data" replaced.
    max_length
        Tokens generated at the most for any source, the end token included.
    length_ratio
        Tokens generated at the most for each token of the source, beside ten.
    """

    network: Network
    training: Training
    output: Tokens
    max_length: int
    length_ratio: float

    def longest(
        self, lengths: Int[Tensor, " B"], forced: Int[Tensor, " B"] | None = None
    ) -> Int[Tensor, " B"]:
        """Return how many tokens are generated at the most for sources of these lengths.

        The limits are as tight as the pairs seen allow: the tighter, the sooner a search can end. Behind
        forced beginnings, whose lengths are ``forced``, there is room for ten.
        """
        longest = (lengths * self.length_ratio).ceil().long().add(_SLACK)
        if forced is not None:
            longest = longest.maximum(forced + _SLACK)
        return longest.clamp(max=self.max_length)


def resolve_token_settings(
    pairs: TokenPairs, vocabulary: int, *, network: Network, training: Training, output: Tokens
) -> ResolvedTokenSettings:
    """Fill in what is None.

    The width grows with the number of pairs, and training passes over them fifteen times. Sequences
    generated have at most one and a half times as many tokens as the longest target seen, and ten; and
    at most 10 + r times the tokens of their source, where r, at least 1, is the smallest ratio that leaves
    room for every target seen.
    """
    count = len(pairs)
    changes: dict[str, object] = {"residual": None}
    if network.hidden_size is None:
        changes["hidden_size"] = (
            64 if count < 500 else 128 if count < 5000 else 256 if count < 50_000 else 512
        )
    chosen: dict[str, object] = {}
    batch_size = training.batch_size or (16 if count < 500 else 64)
    chosen["batch_size"] = batch_size
    if training.teacher_forcing is None:
        chosen["teacher_forcing"] = 1.0
    if training.max_steps is None and training.max_time is None:
        chosen["max_steps"] = min(max(_EPOCHS * count // batch_size, _FEWEST_STEPS), _MOST_STEPS)
    tied = vocabulary >= _LARGE_VOCABULARY if output.tied is None else output.tied
    return ResolvedTokenSettings(
        network=dataclasses.replace(network, **changes),  # type: ignore[arg-type]
        training=dataclasses.replace(training, **chosen),  # type: ignore[arg-type]
        output=dataclasses.replace(output, tied=tied),
        max_length=int(1.5 * int(pairs.targets.lengths.max())) + _SLACK,
        length_ratio=_length_ratio(pairs),
    )


def _length_ratio(pairs: TokenPairs) -> float:
    """Return the least ratio that allows all targets seen, each with ten tokens for nothing."""
    sources = pairs.sources.lengths.clamp(min=1)
    return max(1.0, float(((pairs.targets.lengths - _SLACK) / sources).max()))
