"""Network: the settings of an encoder–decoder's architecture."""

from __future__ import annotations

from dataclasses import dataclass

from tsseq2seq.nn.attention import ALIGNMENTS, ATTENTIONS
from tsseq2seq.nn.cells import CELLS
from tsseq2seq.nn.context import CONTEXTS
from tsseq2seq.nn.encoders import ENCODERS
from tsseq2seq.nn.network_combinations import check_combinations
from tsseq2seq.nn.positions import POSITIONS
from tsseq2seq.nn.readout import READS
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
        Encoder of the context: ``"recurrent"``, ``"convolutional"`` (dilated residual convolutions, Bai et
        al. 2018), ``"attention"`` (self-attention, Vaswani et al. 2017) or ``"convolutional+recurrent"`` (a
        convolution in front of a recurrence).
    cell
        Recurrent cell of the decoder, and of an encoder with a recurrence: ``"lstm"``, ``"gru"``, ``"rnn"``
        (tanh), ``"mingru"`` (Feng et al. 2024) or ``"slstm"`` (Beck et al. 2024). To add a cell, derive a
        class from :class:`~tsseq2seq.nn.cells.Cell`; encoders, context vectors and attentions are added
        likewise.
    hidden_size
        Width of the encoder's state. None: chosen from the amount of training data.
    num_layers
        Depth of the encoder; with ``"convolutional+recurrent"``, of its recurrence.
    bidirectional
        Whether the encoder's recurrence also reads backwards; the bridge merges the two directions.
    kernel_size
        Steps that one convolution of the encoder combines. None: 3.
    causal
        Whether states of a convolutional or attention encoder depend on earlier steps alone. What is forecast
        or written lies ahead of the whole context or source in any case, so that False leaks nothing.
    convolution_layers
        Depth of the convolution in front of a recurrence. None: 1.
    encoder_heads
        Heads of the encoder's self-attention, a divisor of ``hidden_size``. None: the largest of 4, 2 and 1
        that divides it.
    feedforward_size
        Width of the hidden layers of the encoder's self-attention. None: four times ``hidden_size``.
    positions
        What tells the encoder's self-attention in which order its inputs come: ``"sinusoidal"`` (Vaswani et
        al. 2017), which go on beyond the lengths of training, or ``"learned"`` vectors, with which longer
        inputs are refused. None: ``"sinusoidal"``.
    num_positions
        How many positions are learned. None: the longest input of the training.
    reversed_source
        Whether an encoder that reads in one direction reads from the last step to the first (Sutskever et al.
        2014). Attention weights refer to the places as they were given.
    decoder_hidden_size, decoder_num_layers
        Width and depth of the decoder. None: those of the encoder; 1 layer behind an encoder without a
        recurrence.
    dropout
        Probability of zeroing an activation between layers and before the output.
    embedding_size
        Width of the layer (linear, then ReLU) that embeds a segment before the recurrence; 0 for no
        embedding. None: ``hidden_size`` for segments longer than 1, no embedding for segments of 1.
    context
        Context vector: the encoder's ``"last"`` state, the ``"mean"`` or the ``"max"`` of its states, or
        ``"attention"``: their mean, weighted by attention with a learned query.
    context_size
        Width of a linear projection of the context vector. None: no projection.
    initial_state
        What the decoder starts from: ``"encoder"`` or True, the encoder's final state, or where that does not
        fit the context vector; ``"zeros"`` or False; or ``"learned"``, a parameter.
    feed_context
        Whether the context vector enters every decoder step.
    feed_output
        Whether the previous output (under teacher forcing, the truth) enters every decoder step.
    feed_base
        Whether the base of a decoder step, to which its output is added, also enters the step; needs
        ``residual="smoothing"``, whose bases are known for all steps beforehand.
    output_reads
        What the output layer reads beside the decoder's state, through a hidden layer of maxout units (Cho et
        al. 2014): the ``"previous"`` output, the ``"context"`` vector or ``"previous+context"``. None:
        neither, without the hidden layer.
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
    attention_alignment
        Where each decoder step may attend to (local attention, Luong et al. 2015): ``"monotonic"``, around
        the place of the same number as the step, where weights are 0 if that lies far beyond the end; or
        ``"predicted"``, around a place predicted from the decoder's state. None: everywhere.
    attention_window
        Places on each side of that place that a decoder step may attend to. None: 10.
    input_feeding
        Whether the attentional state enters the next decoder step (Luong et al. 2015, section 3.3).
    copy
        Whether a translator may also copy words of the source (pointer-generator, See et al. 2017): at each
        step a learned switch divides the probability between the target vocabulary and the words that are
        attended to. So words that no vocabulary has, such as names, are written as they stand in the source;
        how to read them is learned from words that are unknown in training (``min_count=2``, say).
        ``Tokens(beside=["coverage"])`` adds the coverage loss of the same paper. Needs an attention.
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
    kernel_size: int | None = None
    causal: bool = False
    convolution_layers: int | None = None
    encoder_heads: int | None = None
    feedforward_size: int | None = None
    positions: str | None = None
    num_positions: int | None = None
    reversed_source: bool = False
    decoder_hidden_size: int | None = None
    decoder_num_layers: int | None = None
    dropout: float = 0.0
    embedding_size: int | None = None
    context: str = "last"
    context_size: int | None = None
    initial_state: bool | str = True
    feed_context: bool = False
    feed_output: bool = True
    feed_base: bool = False
    output_reads: str | None = None
    attention: str | None = None
    attention_position: str = "after"
    attention_size: int | None = None
    attention_heads: int | None = None
    attention_coverage: bool = False
    attention_alignment: str | None = None
    attention_window: int | None = None
    input_feeding: bool = False
    copy: bool = False
    decoding: str = "autoregressive"
    residual: str | None = "season"
    residual_seasons: int | None = None
    residual_weights: str = "equal"

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        check_choice("Network", "encoder", self.encoder, ENCODERS)
        check_choice("Network", "cell", self.cell, CELLS)
        check_choice("Network", "context", self.context, CONTEXTS)
        check_choice("Network", "positions", self.positions, (None, *POSITIONS))
        states = (False, True, "encoder", "zeros", "learned")
        check_choice("Network", "initial_state", self.initial_state, states)
        check_choice("Network", "output_reads", self.output_reads, READS)
        check_choice("Network", "attention", self.attention, (None, *ATTENTIONS))
        check_choice("Network", "attention_position", self.attention_position, ("after", "before"))
        check_choice("Network", "attention_alignment", self.attention_alignment, (None, *ALIGNMENTS))
        check_choice("Network", "decoding", self.decoding, ("autoregressive", "parallel"))
        check_choice("Network", "residual", self.residual, (None, *RESIDUALS))
        check_choice("Network", "residual_weights", self.residual_weights, ("equal", "learned"))
        self._check_numbers()
        for name in (
            "bidirectional",
            "causal",
            "reversed_source",
            "feed_context",
            "feed_output",
            "feed_base",
            "input_feeding",
            "attention_coverage",
            "copy",
        ):
            check_choice("Network", name, getattr(self, name), (False, True))
        check_combinations(self)

    def _check_numbers(self) -> None:
        check_number("Network", "num_layers", self.num_layers, low=1, high=_DEEPEST, integer=True)
        for name in ("decoder_num_layers", "convolution_layers"):
            layers = getattr(self, name)
            check_number("Network", name, layers, low=1, high=_DEEPEST, integer=True, optional=True)
        check_number("Network", "embedding_size", self.embedding_size, low=0, integer=True, optional=True)
        check_number("Network", "dropout", self.dropout, low=0, high=0.99)
        for name in (
            "hidden_size",
            "kernel_size",
            "encoder_heads",
            "feedforward_size",
            "num_positions",
            "decoder_hidden_size",
            "context_size",
            "attention_size",
            "attention_heads",
            "attention_window",
            "residual_seasons",
        ):
            check_number("Network", name, getattr(self, name), low=1, integer=True, optional=True)

    def unfed(self, *, has_base: bool = False) -> str | None:
        """Return the setting because of which no decoder step reads the output before it; None if they do.

        Parameters
        ----------
        has_base
            Whether outputs are added to a base made of those before.

        Examples
        --------
        >>> Network(decoding="parallel").unfed(), Network(feed_output=False).unfed(), Network().unfed()
        ("decoding='parallel'", 'feed_output=False', None)
        """
        if self.decoding == "parallel":
            return "decoding='parallel'"
        return None if self.feed_output or has_base else "feed_output=False"

    @property
    def first_state(self) -> str:
        """What the decoder starts from: ``"encoder"``, ``"zeros"`` or ``"learned"``."""
        if isinstance(self.initial_state, str):
            return self.initial_state
        return "encoder" if self.initial_state else "zeros"
