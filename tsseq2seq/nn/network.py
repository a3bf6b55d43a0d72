"""Network: the settings of an encoder–decoder's architecture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention import ATTENTIONS, Attention
from tsseq2seq.nn.cells import CELLS
from tsseq2seq.nn.context import CONTEXTS
from tsseq2seq.nn.encoders import ENCODERS
from tsseq2seq.nn.residuals import RESIDUALS
from tsseq2seq.settings import Settings, check_choice, check_number

__all__ = ["Network"]


_DEEPEST = 1000


@dataclass(frozen=True)
class Network(Settings):
    """Architecture of the encoder, the bridge, the attention and the decoder.

    The three textbook decoders are ``Network(feed_output=False)`` (the context vector initialises the state
    and is not used again), ``Network(feed_output=False, feed_context=True)`` (the context vector enters every
    step) and ``Network(feed_context=True)`` (context vector and previous output enter every step).

    Parameters
    ----------
    encoder
        Encoder of the context: ``"recurrent"``.
    cell
        Recurrent cell of encoder and decoder: ``"lstm"``, ``"gru"``, ``"rnn"`` (tanh), ``"mingru"`` (Feng et
        al. 2024) or ``"slstm"`` (Beck et al. 2024). To add a cell, derive a class from
        :class:`~tsseq2seq.nn.cells.Cell`; encoders, context vectors and attentions are added likewise.
    hidden_size
        Width of the encoder's state. None: chosen from the amount of training data.
    num_layers
        Depth of the encoder.
    bidirectional
        Whether the encoder also reads backwards; the bridge merges the two directions.
    decoder_hidden_size, decoder_num_layers
        Width and depth of the decoder. None: those of the encoder.
    dropout
        Probability of zeroing an activation between recurrent layers and before the output.
    embedding_size
        Width of the layer (linear, then ReLU) that embeds a segment before the recurrence; 0 for no
        embedding. None: ``hidden_size`` for segments longer than 1, no embedding for segments of 1.
    context
        Context vector: the encoder's ``"last"`` state or the ``"mean"`` of its states.
    context_size
        Width of a linear projection of the context vector. None: no projection.
    initial_state
        Whether the decoder starts from the encoder's final state. If False, it starts from zeros.
    feed_context
        Whether the context vector enters every decoder step.
    feed_output
        Whether the previous output (under teacher forcing, the truth) enters every decoder step.
    attention
        Score of the attention over the encoder's states: ``"additive"`` (Bahdanau et al. 2015),
        ``"dot"``, ``"general"``, ``"concat"`` (Luong et al. 2015), ``"scaled"`` (the dot product divided
        by the square root of the width), ``"multihead"`` (Vaswani et al. 2017) or ``"location"``
        (Chorowski et al. 2015: additive, with a convolution over the attention so far; for long sources whose
        parts look alike, and sources longer than in training). None: no attention.
    attention_position
        ``"after"`` the cell (Luong; training is one fused pass) or ``"before"`` it (Bahdanau).
    attention_size
        Width of the hidden layer of additive and concat attention, or of all heads together. None: the
        decoder's width. A forecaster with segments longer than 1 takes at most 64 for the hidden layer: that
        suffices to distinguish few segments, and costs less.
    attention_heads
        Number of heads of multi-head attention, a divisor of its width. None: the largest of 4, 2 and 1
        that divides the width.
    attention_coverage
        Whether the sum of the attention's weights at all earlier decoder steps enters its scores (Tu et
        al. 2016; See et al. 2017); for additive, general and concat attention. Training then runs one
        decoder step at a time.
    input_feeding
        Whether the attentional state enters the next decoder step (Luong et al. 2015, section 3.3).
    decoding
        ``"autoregressive"``: one segment after another. ``"parallel"``: all segments at once, each from
        its position embedding, as in SegRNN (Lin et al. 2023).
    residual
        The base to which the decoder's output is added: ``"season"`` (the segment one seasonal period
        earlier), ``"segment"`` (the previous segment), ``"value"`` (the last value) or ``"smoothing"``
        (exponential smoothing of the whole history before the cutoff, as :class:`Smoothing` forecasts; Smyl
        2020). None: no base. If no season was found, ``"season"`` means ``"value"``, and ``"segment"`` where
        one was found that segments longer than 1 do not fit into.
    residual_seasons
        Number of past seasons whose mean is the base of a ``"season"`` residual. Each is first moved to the
        level of the last one; missing values and seasons before the context are left out. The noise of a
        single season is part of the base, and a network trained on few windows does not learn to remove it.
        None: chosen from the amount of training data; with learned weights, as many as the context holds.
    residual_weights
        Weights of the past seasons: ``"equal"``, for their mean; or ``"learned"``, a linear map that begins
        as the mean and that all segments of a season share (as in SparseTSF, Lin et al. 2024). Learned
        weights suit long contexts of many seasons. A parallel decoder has weights for each season ahead.

    Raises
    ------
    ParameterError, ParameterTypeError
        For a value that is out of range or contradicts another.

    Examples
    --------
    >>> Network(cell="gru", hidden_size=64).decoder_hidden_size is None
    True
    """

    encoder: str = "recurrent"
    cell: str = "lstm"
    hidden_size: int | None = None
    num_layers: int = 1
    bidirectional: bool = False
    decoder_hidden_size: int | None = None
    decoder_num_layers: int | None = None
    dropout: float = 0.0
    embedding_size: int | None = None
    context: str = "last"
    context_size: int | None = None
    initial_state: bool = True
    feed_context: bool = False
    feed_output: bool = True
    attention: str | None = None
    attention_position: str = "after"
    attention_size: int | None = None
    attention_heads: int | None = None
    attention_coverage: bool = False
    input_feeding: bool = False
    decoding: str = "autoregressive"
    residual: str | None = "season"
    residual_seasons: int | None = None
    residual_weights: str = "equal"

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        check_choice("Network", "encoder", self.encoder, ENCODERS)
        check_choice("Network", "cell", self.cell, CELLS)
        check_choice("Network", "context", self.context, CONTEXTS)
        check_choice("Network", "attention", self.attention, (None, *ATTENTIONS))
        check_choice("Network", "attention_position", self.attention_position, ("after", "before"))
        check_choice("Network", "decoding", self.decoding, ("autoregressive", "parallel"))
        check_choice("Network", "residual", self.residual, (None, *RESIDUALS))
        check_choice("Network", "residual_weights", self.residual_weights, ("equal", "learned"))
        check_number("Network", "num_layers", self.num_layers, low=1, high=_DEEPEST, integer=True)
        layers = self.decoder_num_layers
        check_number(
            "Network", "decoder_num_layers", layers, low=1, high=_DEEPEST, integer=True, optional=True
        )
        check_number("Network", "embedding_size", self.embedding_size, low=0, integer=True, optional=True)
        check_number("Network", "dropout", self.dropout, low=0, high=0.99)
        for name in (
            "hidden_size",
            "decoder_hidden_size",
            "context_size",
            "attention_size",
            "attention_heads",
            "residual_seasons",
        ):
            check_number("Network", name, getattr(self, name), low=1, integer=True, optional=True)
        for name in (
            "bidirectional",
            "initial_state",
            "feed_context",
            "feed_output",
            "input_feeding",
            "attention_coverage",
        ):
            check_choice("Network", name, getattr(self, name), (False, True))
        self._check_attention()
        self._check_combinations()

    def _check_attention(self) -> None:
        attention = None if self.attention is None else ATTENTIONS[self.attention]
        if self.input_feeding and attention is None:
            raise ParameterError(
                "Network: input_feeding is True but attention is None; set attention to one of "
                f"{_listed(ATTENTIONS)}, or input_feeding to False"
            )
        if self.attention_size is not None and not (attention and attention.has_width):
            names = [name for name in ATTENTIONS if ATTENTIONS[name].has_width]
            raise ParameterError(
                f"Network: attention_size is {self.attention_size} but attention is {self.attention!r}; "
                f"only attention {_listed(names)} takes it"
            )
        if self.attention_coverage and not (attention and attention.takes_coverage):
            names = [name for name in ATTENTIONS if ATTENTIONS[name].takes_coverage]
            raise ParameterError(
                f"Network: attention_coverage is True but attention is {self.attention!r}, which takes no "
                f"coverage; use one of {_listed(names)}"
            )
        if self.attention_heads is not None:
            self._check_heads(attention)

    def _check_heads(self, attention: type[Attention] | None) -> None:
        if not (attention and attention.has_heads):
            raise ParameterError(
                f"Network: attention_heads is {self.attention_heads} but attention is {self.attention!r}, "
                "which has no heads"
            )
        for name in ("attention_size", "decoder_hidden_size", "hidden_size"):
            width = getattr(self, name)
            if width is not None:
                if width % self.attention_heads:
                    raise ParameterError(
                        f"Network: attention_heads is {self.attention_heads} but {name} is {width}; the "
                        "width must be a multiple of attention_heads"
                    )
                return

    def _check_combinations(self) -> None:
        if (self.residual_seasons or 1) > 1 and self.residual != "season":
            raise ParameterError(
                f"Network: residual_seasons is {self.residual_seasons} but residual is {self.residual!r}; "
                "it must be 1 or None unless residual is 'season'"
            )
        if self.residual_weights == "learned" and self.residual != "season":
            raise ParameterError(
                f"Network: residual_weights is 'learned' but residual is {self.residual!r}; it must be "
                "'equal' unless residual is 'season'"
            )
        if self.decoding == "parallel" and self.attention_coverage:
            raise ParameterError(
                "Network: attention_coverage is True but decoding is 'parallel', whose steps "
                "do not follow one another; use decoding='autoregressive'"
            )
        if self.decoding == "parallel" and self.attention is not None and ATTENTIONS[self.attention].coverage:
            raise ParameterError(
                f"Network: attention is {self.attention!r} but decoding is 'parallel', whose steps "
                "do not follow one another; use decoding='autoregressive'"
            )
        if self.decoding == "parallel" and self.input_feeding:
            raise ParameterError(
                "Network: input_feeding is True but decoding is 'parallel', whose steps "
                "do not follow one another; use decoding='autoregressive'"
            )
        if not (self.initial_state or self.feed_context or self.attention):
            raise ParameterError(
                "Network: initial_state and feed_context are False and attention is None, so the "
                "decoder would be independent of the encoder; set one of them"
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
