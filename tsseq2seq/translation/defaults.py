"""Defaults of a translator: settings that are None, chosen from the pairs of sentences."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.errors import DataWarning, warn
from tsseq2seq.nn.encoder_steps import for_encoder_steps
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.settings import plain
from tsseq2seq.training.continued import refuse_change, with_earlier
from tsseq2seq.training.training import Training

__all__ = [
    "ResolvedTokenSettings",
    "continued_token_settings",
    "resolve_token_settings",
    "warn_of_long_targets",
]

_EPOCHS = 15
_FEWEST_STEPS, _MOST_STEPS = 300, 20_000
_LARGE_VOCABULARY = 1000
_SLACK = 10
# A pair is odd if its target is longer than this multiple of the most that the quantile of the ratios would
# allow.
_ODD, _USUAL = 3.0, 0.99


@dataclass(frozen=True)
class ResolvedTokenSettings:
    """Resolved settings of a translator.

    Attributes
    ----------
    network, training, output
        The settings as asked for, with every None that means "from the data" replaced.
    max_length
        Most tokens of a translation, the end token included.
    length_ratio
        Most tokens of a translation for each token of its source; ten more are allowed.
    writes_unknown
        Whether the unknown token occurs among the targets of the training.
    longest_source
        Steps of the longest source in training; what is written of longer ones may be longer in proportion.
        None: it may not.
    """

    network: Network
    training: Training
    output: Tokens
    max_length: int
    length_ratio: float
    writes_unknown: bool = True
    longest_source: int | None = None

    def max_lengths(
        self, lengths: Int[Tensor, " B"], forced: Int[Tensor, " B"] | None = None
    ) -> Int[Tensor, " B"]:
        """Return the maximum length of the translation of each source.

        It leaves room for the targets in training, but no more: a lower maximum lets a search end sooner.

        Parameters
        ----------
        lengths
            Tokens of each source.
        forced
            Tokens of each forced prefix; at least ten may follow it.
        """
        growth = torch.ones_like(lengths, dtype=torch.float32)
        if self.longest_source is not None:
            growth = (lengths / self.longest_source).clamp(min=1.0)
        max_lengths = (lengths / growth * self.length_ratio).ceil().add(_SLACK)
        if forced is not None:
            max_lengths = max_lengths.maximum(forced + _SLACK)
        return (max_lengths.clamp(max=self.max_length) * growth).ceil().long()


def resolve_token_settings(
    pairs: TokenPairs,
    vocabulary: int,
    *,
    network: Network,
    training: Training,
    output: Tokens,
    least_ratio: float = 1.0,
    grows: bool = False,
) -> ResolvedTokenSettings:
    """Replace every None that means "from the data".

    The width grows with the number of pairs, and training passes over them fifteen times. A translation has
    at most 10 tokens more than 1.5 times the longest target in training, and at most 10 tokens more than r
    times its source. Here r is the smallest ratio, but at least ``least_ratio``, that leaves room for every
    target in training that is at most three times as long as the 99 % quantile of the ratios would allow.
    If it ``grows``, what is written of sources longer than any in training may be longer in proportion.
    """
    network, training, output = plain(network), plain(training), plain(output)
    count = len(pairs)
    network_changes: dict[str, object] = {"residual": None}
    if network.hidden_size is None:
        network_changes["hidden_size"] = (
            64 if count < 500 else 128 if count < 5000 else 256 if count < 50_000 else 512
        )
    network = dataclasses.replace(network, **network_changes)  # type: ignore[arg-type]
    longest = int(pairs.sources.lengths.argmax())
    steps = int(pairs.sources.lengths[longest])
    network = for_encoder_steps(network, steps, f"sources[{longest}] has {steps} {pairs.sources.unit}")
    batch_size = training.batch_size or (16 if count < 500 else 64)
    training_changes: dict[str, object] = {"batch_size": batch_size}
    if training.teacher_forcing is None:
        training_changes["teacher_forcing"] = 1.0
    training_changes["validation_size"] = training.held_out(count)
    if training.max_steps is None and training.max_time is None and training.epochs is None:
        training_changes["max_steps"] = min(max(_EPOCHS * count // batch_size, _FEWEST_STEPS), _MOST_STEPS)
    tied = output.tied
    if tied is None:
        # without tokens that are fed there is no embedding to share
        tied = vocabulary >= _LARGE_VOCABULARY and network.feed_output
    return ResolvedTokenSettings(
        network=network,
        training=dataclasses.replace(training, **training_changes),  # type: ignore[arg-type]
        output=dataclasses.replace(output, tied=tied),
        max_length=int(1.5 * int(pairs.targets.lengths.max())) + _SLACK,
        length_ratio=_length_ratio(pairs, least_ratio),
        writes_unknown=bool((pairs.targets.tokens == UNK).any()),
        longest_source=max(1, int(pairs.sources.lengths.max())) if grows else None,
    )


def continued_token_settings(
    resolved: ResolvedTokenSettings, earlier: ResolvedTokenSettings, *, network: Network, output: Tokens
) -> ResolvedTokenSettings:
    """Return the settings of a warm start: network and output of the earlier fit, trained as asked now.

    Parameters
    ----------
    resolved, earlier
        As resolved from the new pairs, and of the earlier fit.
    network, output
        As asked for.

    Raises
    ------
    ParameterError
        If what determines the networks has changed.
    """
    network = dataclasses.replace(plain(network), residual=earlier.network.residual)
    refuse_change("network", with_earlier(network, earlier.network), earlier.network)
    refuse_change("output", with_earlier(plain(output), earlier.output), earlier.output)
    lengths = (resolved.longest_source, earlier.longest_source)
    return dataclasses.replace(
        resolved,
        network=earlier.network,
        output=earlier.output,
        # what could be written before can be written still
        max_length=max(resolved.max_length, earlier.max_length),
        length_ratio=max(resolved.length_ratio, earlier.length_ratio),
        writes_unknown=resolved.writes_unknown or earlier.writes_unknown,
        longest_source=None if None in lengths else max(length or 0 for length in lengths),
    )


def warn_of_long_targets(
    pairs: TokenPairs, length_ratio: float, written: str = "translations", verb: str = "translate"
) -> None:
    """Warn if targets are so long for their sources that translations will have no room for the like.

    Parameters
    ----------
    pairs
        The pairs.
    length_ratio
        As of :class:`ResolvedTokenSettings`.
    written, verb
        What the estimator writes, in the plural; its method that returns hypotheses.
    """
    ratios = _ratios(pairs)
    count = int((ratios > length_ratio).sum())
    if not count:
        return
    row = int(ratios.argmax())
    read, wrote = int(pairs.sources.lengths[row]), int(pairs.targets.lengths[row]) - 1
    others = f" (and {count - 1} more)" if count > 1 else ""
    warn(
        f"targets[{row}] has {wrote} tokens for a source of {read}{others}, far more than other targets; "
        f"{written} have at most {length_ratio:.3g} times the tokens of their source and {_SLACK} more. "
        f"See whether the pair belongs together; {verb} and predict take another max_length",
        DataWarning,
    )


def _length_ratio(pairs: TokenPairs, least: float) -> float:
    """Return the smallest ratio that, with ten more tokens, leaves room for every target but odd ones.

    One odd pair would make every search many times longer.
    """
    ratios = _ratios(pairs)
    usual = max(least, float(np.quantile(ratios.cpu().numpy(), _USUAL, method="lower")))
    is_odd = pairs.targets.lengths > _ODD * (usual * pairs.sources.lengths + _SLACK)
    return max(least, float(ratios.masked_fill(is_odd, least).max()))


def _ratios(pairs: TokenPairs) -> Float[Tensor, " pairs"]:
    return (pairs.targets.lengths - _SLACK) / pairs.sources.lengths.clamp(min=1)
