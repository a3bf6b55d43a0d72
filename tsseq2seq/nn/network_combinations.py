"""Combinations of a network's settings that contradict each other, or of which one would be ignored.

Each is refused in one sentence that names both settings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention import ALIGNMENTS, ATTENTIONS, Attention
from tsseq2seq.nn.encoders import ENCODERS
from tsseq2seq.nn.positions import POSITIONS
from tsseq2seq.nn.readout import reads

__all__ = ["check_combinations"]

# The settings that only some encoders read, with what leaves them unset.
_OF_ENCODERS = {
    "bidirectional": False,
    "kernel_size": None,
    "causal": False,
    "convolution_layers": None,
    "encoder_heads": None,
    "feedforward_size": None,
    "positions": None,
    "num_positions": None,
    "reversed_source": False,
}


def check_combinations(network: Any) -> None:  # noqa: ANN401 (Network imports this module)
    """Refuse settings that contradict each other, or that the chosen parts would ignore.

    Parameters
    ----------
    network
        A :class:`~tsseq2seq.nn.network.Network` whose settings are admissible one by one.

    Raises
    ------
    ParameterError
        With the names and values of both settings.
    """
    _check_encoder(network)
    _check_positions(network)
    _check_attention(network)
    _check_alignment(network)
    _check_context(network)
    _check_parallel(network)
    _check_residual(network)


def _refuse(network: Any, one: str, other: str, reason: str) -> NoReturn:  # noqa: ANN401
    """Refuse the value of one setting beside that of another."""
    values = [f"{name} is {getattr(network, name)!r}" for name in (one, other)]
    raise ParameterError(f"Network: {values[0]} but {values[1]}{reason}")


def _check_encoder(network: Any) -> None:  # noqa: ANN401
    encoder = ENCODERS[network.encoder]
    for name, unset in _OF_ENCODERS.items():
        if getattr(network, name) != unset and name not in encoder.takes:
            takers = _listed(other for other in ENCODERS if name in ENCODERS[other].takes)
            _refuse(network, name, "encoder", f", which does not take it; only encoder {takers} does")
    if network.hidden_size is not None and network.hidden_size < encoder.least_width:
        reason = ", which normalises each state over its width"
        _refuse(network, "hidden_size", "encoder", f"{reason}; it must be at least {encoder.least_width}")
    if network.encoder_heads and network.hidden_size and network.hidden_size % network.encoder_heads:
        _refuse(network, "encoder_heads", "hidden_size", "; it must be a multiple of encoder_heads")
    if network.reversed_source and network.bidirectional:
        _refuse(network, "reversed_source", "bidirectional", ", which reads both ways; set one of them")
    # without a recurrence, only a causal encoder has a direction
    has_direction = network.causal or encoder.is_recurrent or "causal" not in encoder.takes
    if network.reversed_source and not has_direction:
        reason = f", and encoder {network.encoder!r} then reads both ways; set causal to True"
        _refuse(network, "reversed_source", "causal", reason)


def _check_positions(network: Any) -> None:  # noqa: ANN401
    limited = network.positions is not None and POSITIONS[network.positions].is_limited
    if network.num_positions is not None and not limited:
        names = _listed(name for name in POSITIONS if POSITIONS[name].is_limited)
        _refuse(network, "num_positions", "positions", f"; only positions {names} takes it")


def _check_attention(network: Any) -> None:  # noqa: ANN401
    attention = None if network.attention is None else ATTENTIONS[network.attention]
    if network.input_feeding and attention is None:
        remedy = f"; set attention to one of {_listed(ATTENTIONS)}, or input_feeding to False"
        _refuse(network, "input_feeding", "attention", remedy)
    if network.copy and attention is None:
        remedy = f", which says what to copy; set attention to one of {_listed(ATTENTIONS)}, or copy to False"
        _refuse(network, "copy", "attention", remedy)
    if network.attention_position != "after" and attention is None:
        _refuse(
            network, "attention_position", "attention", f"; set attention to one of {_listed(ATTENTIONS)}"
        )
    if network.attention_size is not None and not (attention and attention.has_width):
        names = _listed(name for name in ATTENTIONS if ATTENTIONS[name].has_width)
        _refuse(network, "attention_size", "attention", f"; only attention {names} takes it")
    if network.attention_coverage and not (attention and attention.takes_coverage):
        names = _listed(name for name in ATTENTIONS if ATTENTIONS[name].takes_coverage)
        reason = f", which takes no coverage; use one of {names}"
        _refuse(network, "attention_coverage", "attention", reason)
    if network.attention_heads is not None:
        _check_heads(network, attention)


def _check_heads(network: Any, attention: type[Attention] | None) -> None:  # noqa: ANN401
    if not (attention and attention.has_heads):
        _refuse(network, "attention_heads", "attention", ", which has no heads")
    for name in ("attention_size", "decoder_hidden_size", "hidden_size"):
        width = getattr(network, name)
        if width is not None:
            if width % network.attention_heads:
                remedy = "; the width must be a multiple of attention_heads"
                _refuse(network, "attention_heads", name, remedy)
            return


def _check_alignment(network: Any) -> None:  # noqa: ANN401
    if network.attention_window is not None and network.attention_alignment is None:
        remedy = f"; set attention_alignment to one of {_listed(ALIGNMENTS)}"
        _refuse(network, "attention_window", "attention_alignment", remedy)
    if network.attention_alignment is None:
        return
    if network.attention is None:
        remedy = f"; set attention to one of {_listed(ATTENTIONS)}"
        _refuse(network, "attention_alignment", "attention", remedy)
    if ALIGNMENTS[network.attention_alignment].adds_bias and not ATTENTIONS[network.attention].takes_bias:
        names = _listed(name for name in ATTENTIONS if ATTENTIONS[name].takes_bias)
        reason = f", to whose scores it cannot add; use one of {names}"
        _refuse(network, "attention_alignment", "attention", reason)


def _check_context(network: Any) -> None:  # noqa: ANN401
    reads_context = reads("context", network.output_reads)
    if reads("previous", network.output_reads) and not network.feed_output:
        remedy = "; what the output layer reads is the embedding of the previous output that is fed"
        _refuse(network, "output_reads", "feed_output", remedy)
    if network.first_state == "encoder" or network.feed_context or reads_context:
        return
    if network.attention is None:
        reason = (
            " and feed_context is False, so that the decoder would be independent of the encoder; set "
            "one of them"
        )
        _refuse(network, "initial_state", "attention", reason)
    for name, unset in (("context", "last"), ("context_size", None)):
        if getattr(network, name) != unset:
            reason = " and feed_context is False, so that the context vector enters nowhere"
            _refuse(network, name, "initial_state", reason)


def _check_parallel(network: Any) -> None:  # noqa: ANN401
    if network.decoding != "parallel":
        return
    for name in ("attention_coverage", "input_feeding", "copy"):
        if getattr(network, name):
            reason = ", whose steps do not follow one another; use decoding='autoregressive'"
            _refuse(network, name, "decoding", reason)
    if network.attention is not None and ATTENTIONS[network.attention].coverage:
        reason = ", whose steps do not follow one another; use decoding='autoregressive'"
        _refuse(network, "attention", "decoding", reason)
    if reads("previous", network.output_reads):
        reason = ", whose steps read no previous output; use decoding='autoregressive'"
        _refuse(network, "output_reads", "decoding", reason)


def _check_residual(network: Any) -> None:  # noqa: ANN401
    if network.feed_base and network.residual != "smoothing":
        _refuse(network, "feed_base", "residual", "; only the bases of residual 'smoothing' can be fed")
    if (network.residual_seasons or 1) > 1 and network.residual != "season":
        remedy = "; it must be 1 or None unless residual is 'season'"
        _refuse(network, "residual_seasons", "residual", remedy)
    if network.residual_weights == "learned" and network.residual != "season":
        _refuse(network, "residual_weights", "residual", "; it must be 'equal' unless residual is 'season'")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
