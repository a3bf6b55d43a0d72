"""Defaults of a synthesizer: settings that are None, chosen from the pairs."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from tsseq2seq.nn.encoder_steps import for_encoder_steps
from tsseq2seq.nn.network import Network
from tsseq2seq.settings import plain
from tsseq2seq.synthesis.frames import FramePairs
from tsseq2seq.training.continued import refuse_change, with_earlier
from tsseq2seq.training.training import Training

__all__ = ["ResolvedFrameSettings", "continued_frame_settings", "resolve_frame_settings"]

_EPOCHS = 60
_FEWEST_STEPS, _MOST_STEPS = 600, 40_000
# More frames for a token than any text of the fit had.
_ROOM, _SLACK = 1.5, 10


@dataclass(frozen=True)
class ResolvedFrameSettings:
    """Resolved settings of a synthesizer.

    Attributes
    ----------
    network, training
        The settings as asked for, with every None that means "from the data" replaced.
    loss
        Elementwise loss of the frames.
    prenet_dropout
        Dropout of the pre-net.
    frames_per_step
        Frames of a decoder step.
    frames_per_token
        The most frames for each token, the end token included, of a text in training.
    """

    network: Network
    training: Training
    loss: str
    prenet_dropout: float
    frames_per_step: int
    frames_per_token: float

    def max_length(self, tokens: int) -> int:
        """Return the most frames of a text that has ``tokens`` tokens, the end token included."""
        return math.ceil(_ROOM * self.frames_per_token * tokens) + _SLACK


def resolve_frame_settings(
    pairs: FramePairs,
    *,
    network: Network,
    training: Training,
    loss: str,
    prenet_dropout: float,
    frames_per_step: int,
) -> ResolvedFrameSettings:
    """Replace every None that means "from the data".

    The width grows with the number of pairs, and training passes over them sixty times.

    Parameters
    ----------
    pairs
        The pairs of the fit.
    network, training, loss, prenet_dropout, frames_per_step
        As of :class:`ResolvedFrameSettings`.
    """
    network, training, count = plain(network), plain(training), len(pairs)
    network_changes: dict[str, object] = {"residual": None}
    if network.hidden_size is None:
        network_changes["hidden_size"] = 64 if count < 500 else 128 if count < 5000 else 256
    network = dataclasses.replace(network, **network_changes)  # type: ignore[arg-type]
    longest = int(pairs.sources.lengths.argmax())
    tokens = int(pairs.sources.lengths[longest])
    network = for_encoder_steps(network, tokens, f"texts[{longest}] has {tokens} tokens, its end included")
    batch_size = training.batch_size or (16 if count < 500 else 32)
    training_changes: dict[str, object] = {"batch_size": batch_size}
    if training.teacher_forcing is None:
        training_changes["teacher_forcing"] = 1.0
    if training.max_steps is None and training.max_time is None and training.epochs is None:
        training_changes["max_steps"] = min(max(_EPOCHS * count // batch_size, _FEWEST_STEPS), _MOST_STEPS)
    return ResolvedFrameSettings(
        network=network,
        training=dataclasses.replace(training, **training_changes),  # type: ignore[arg-type]
        loss=loss,
        prenet_dropout=float(prenet_dropout),
        frames_per_step=int(frames_per_step),
        frames_per_token=float((pairs.targets.lengths / pairs.sources.lengths).max()),
    )


def continued_frame_settings(
    resolved: ResolvedFrameSettings, earlier: ResolvedFrameSettings, *, network: Network
) -> ResolvedFrameSettings:
    """Return the settings of a warm start: those that determine the networks as in the earlier fit.

    Parameters
    ----------
    resolved, earlier
        As resolved from the new pairs, and of the earlier fit.
    network
        As asked for.

    Raises
    ------
    ParameterError
        If one of them has changed.
    """
    network = dataclasses.replace(plain(network), residual=earlier.network.residual)
    refuse_change("network", with_earlier(network, earlier.network), earlier.network)
    for name in ("loss", "prenet_dropout", "frames_per_step"):
        refuse_change(name, getattr(resolved, name), getattr(earlier, name))
    frames = max(resolved.frames_per_token, earlier.frames_per_token)
    return dataclasses.replace(resolved, network=earlier.network, frames_per_token=frames)
