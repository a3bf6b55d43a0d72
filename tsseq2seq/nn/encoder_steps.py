"""What an encoder must know of the length of its inputs, or cannot make up for."""

from __future__ import annotations

import dataclasses

from tsseq2seq.errors import ParameterError, TrainingWarning, warn
from tsseq2seq.nn.encoders import ENCODERS
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.positions import POSITIONS

__all__ = ["for_encoder_steps"]


def for_encoder_steps(network: Network, steps: int, longest: str) -> Network:
    """Return a network for inputs of up to ``steps`` encoder steps.

    Positions that are learned are as many as the longest input has, unless their number is set.

    Parameters
    ----------
    network
        The network.
    steps
        Encoder steps of the longest input of the training.
    longest
        What has so many, for messages: ``"context_length is 48 (24 segments of 2)"``.

    Raises
    ------
    ParameterError
        If fewer positions than that are to be learned.

    Warns
    -----
    TrainingWarning
        If all that the decoder gets of its input is a state that depends on the last of its steps alone.

    Examples
    --------
    >>> network = Network(encoder="attention", positions="learned")
    >>> for_encoder_steps(network, 24, "context_length is 24").num_positions
    24
    """
    seen = ENCODERS[network.encoder].steps_seen(network)
    if seen is not None and seen < steps and network.context == "last" and network.attention is None:
        warn(
            f"{longest}, but the last state of encoder {network.encoder!r} depends on {seen} of its steps "
            "alone, and nothing else reaches the decoder: take a higher num_layers, an attention, or a "
            "context vector of all states, such as 'mean'",
            TrainingWarning,
        )
    if network.positions is None or not POSITIONS[network.positions].is_limited:
        return network
    if network.num_positions is None:
        return dataclasses.replace(network, num_positions=max(1, steps))
    if network.num_positions < steps:
        raise ParameterError(
            f"Network: num_positions is {network.num_positions} but {longest}; it must be at least {steps}, "
            "or None for as many as the longest input has"
        )
    return network
