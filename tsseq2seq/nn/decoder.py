"""The decoder: recurrent layers, with attention before or after them, and a head.

One decoder step with attention after the cell (Luong et al. 2015)::

    previous output ─┐                                                        residual base ─┐
    context vector ──┤                                                                       ▼
    covariates ──────┼─▶ recurrent ─▶ hidden ─┬─────────────▶ tanh(W [ ; ]) ─┬─▶ dropout ─▶ head ─▶ output
    attentional ┄┄┄┄┄┘    layers              └─▶ attention ─▶ attended ─┘   ┆
         ▲                                        over the memory            ┆
         └┄ with input feeding, the next step reads the attentional state ┄┄┄┘

With attention before the cell (Bahdanau et al. 2015), the hidden state of the step before is the query, and
what is attended also enters the recurrent layers. Without attention, the head reads the hidden state. An
alignment limits where the attention looks; a readout between tanh and head also reads the previous output or
the context vector; and a pointer-generator's head reads, beside it, the attention and a switch.

:meth:`Decoder.step` advances Q independent queries of each row by one decoder step. :meth:`Decoder.run` runs
all T steps in one fused pass; it needs all previous outputs, and steps that are linked by the recurrence
alone. Both return the same numbers.
"""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nn.attention import Alignment, Attention
from tsseq2seq.nn.cells import RecurrentLayers
from tsseq2seq.nn.decoder_inputs import PreviousOutput, Steps
from tsseq2seq.nn.decoder_state import DecoderState, Memory
from tsseq2seq.nn.pointer_generator import Copyable, GenerationSwitch
from tsseq2seq.nn.readout import Readout
from tsseq2seq.nn.residuals import Residual

__all__ = ["Decoder"]


class Decoder(nn.Module):
    """Compose the parts of a decoder.

    Parameters
    ----------
    inputs
        Modules whose outputs, side by side, enter each decoder step (see
        :mod:`tsseq2seq.nn.decoder_inputs`).
    recurrent
        The recurrent layers.
    head
        Module ``(hidden (B, Q, H), base or None) → output (B, Q, …)``. With a switch its base is what can be
        copied.
    attention
        The attention over the memory; None for a decoder without attention.
    value_size
        Width E of the encoder's states, which the attention averages.
    attention_position
        ``"after"`` or ``"before"`` the cell.
    alignment
        Limits the attention of each decoder step to a window; None: it may look anywhere.
    input_feeding
        Whether the attentional state enters the next decoder step.
    residual
        Computes the base that the head adds to; None for no base.
    parallel
        Whether every decoder step starts from the same state and reads no previous output.
    dropout
        Dropout before the head.
    readout
        Reads the previous output or the context vector beside the state; None: the head reads the state.
    switch
        Says how likely a token is generated rather than copied; its log-odds and the attention's weights
        stand beside the state that the head reads. None: nothing is copied.
    """

    def __init__(
        self,
        *,
        inputs: list[nn.Module],
        recurrent: RecurrentLayers,
        head: nn.Module,
        attention: Attention | None = None,
        value_size: int = 0,
        attention_position: str = "after",
        alignment: Alignment | None = None,
        input_feeding: bool = False,
        residual: Residual | None = None,
        parallel: bool = False,
        dropout: float = 0.0,
        readout: Readout | None = None,
        switch: GenerationSwitch | None = None,
    ) -> None:
        super().__init__()
        self.inputs = nn.ModuleList(inputs)
        self.recurrent = recurrent
        self.head = head
        self.attention = attention
        self.alignment = alignment
        width = recurrent.hidden_size
        self.combine = None if attention is None else nn.Linear(width + value_size, width)
        self.before = attention is not None and attention_position == "before"
        self.input_feeding = input_feeding
        self.residual = residual
        self.parallel = parallel
        self.dropout = dropout
        self.readout = readout
        self.switch = switch
        # which of the inputs a readout and a switch read as well
        self.previous = next((i for i, part in enumerate(inputs) if isinstance(part, PreviousOutput)), None)

    @property
    def fused(self) -> bool:
        """Whether :meth:`run` may be used: the recurrence alone links the decoder steps."""
        return not (self.before or self.input_feeding or self.coverage or self.parallel)

    @property
    def coverage(self) -> bool:
        """Whether the sum of the attention's weights so far enters its scores."""
        return self.attention is not None and self.attention.coverage

    def step(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B Q S"] | None]:
        """Advance every query by one decoder step.

        Parameters
        ----------
        previous
            (B, Q, …): the previous output of each query.
        t
            The decoder step, counted from 0; one for all queries, or one for each.
        state
            The state before the step.
        memory
            What stays constant over the steps.

        Returns
        -------
        output
            The head's output, (B, Q, …).
        state
            The state after the step.
        weights
            Attention weights; None without attention.
        """
        hidden, after, weights = self.hidden_step(previous, t, state, memory)
        base, history = self._base(previous, t, state, memory)
        return self.head(hidden, base), dataclasses.replace(after, history=history), weights

    def run(
        self, previous: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B T S"] | None]:
        """Run T decoder steps whose previous outputs are known, in one fused pass.

        Parameters
        ----------
        previous
            (B, T, …): the output before each step.
        state, memory
            As in :meth:`step`, with one query.

        Returns
        -------
        output, state, weights
            As in :meth:`step`, with T steps in place of Q queries.
        """
        hidden, after, weights = self.hidden_run(previous, state, memory)
        base: Tensor | Copyable | None = memory.copyable
        history = None
        if self.residual is not None and self.residual.given:
            t = torch.arange(previous.shape[1], device=previous.device)
            base = self.residual.parallel(memory.recent, t)  # type: ignore[arg-type]
        elif self.residual is not None and state.history is not None:
            base, history = self.residual.run(self.residual.values(previous), state.history)
        return self.head(hidden, base), dataclasses.replace(after, history=history), weights

    def hidden_step(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Float[Tensor, "B Q H"], DecoderState, Float[Tensor, "B Q S"] | None]:
        """Advance as :meth:`step` does, and return the head's input; the residual's history is left out."""
        inputs = [part(previous, t, memory) for part in self.inputs]
        attended = weights = None
        if self.before:
            attended, weights = self._attend(
                self.recurrent.output(state.recurrent), t, memory, state.coverage
            )
            inputs.append(attended)
        if state.attentional is not None:
            inputs.append(state.attentional)
        output, recurrent = self.recurrent.step(torch.cat(inputs, dim=-1), state.recurrent)
        hidden = output
        if self.attention is not None:
            if attended is None:
                attended, weights = self._attend(hidden, t, memory, state.coverage)
            hidden = self._attentional(hidden, attended)
        coverage = state.coverage
        if coverage is not None and weights is not None:
            coverage = coverage + weights
        attentional = hidden if self.input_feeding else None
        if self.readout is not None:
            hidden = self._read_out(hidden, inputs, memory)
        hidden = self._with_dropout(hidden)
        if self.switch is not None:
            hidden = self._with_switch(hidden, output, attended, inputs, weights)
        return hidden, DecoderState(recurrent, None, attentional, coverage), weights

    def hidden_run(
        self, previous: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Float[Tensor, "B T H"], DecoderState, Float[Tensor, "B T S"] | None]:
        """Run as :meth:`run` does, and return the head's input; the residual's history is left out."""
        t = torch.arange(previous.shape[1], device=previous.device)
        inputs = [part(previous, t, memory) for part in self.inputs]
        output, recurrent = self.recurrent.run(torch.cat(inputs, dim=-1), state.recurrent)
        hidden, attended, weights = output, None, None
        if self.attention is not None:
            attended, weights = self._attend(hidden, t, memory)
            hidden = self._attentional(hidden, attended)
        if self.readout is not None:
            hidden = self._read_out(hidden, inputs, memory)
        hidden = self._with_dropout(hidden)
        if self.switch is not None:
            hidden = self._with_switch(hidden, output, attended, inputs, weights)
        return hidden, DecoderState(recurrent), weights

    def _attend(
        self,
        query: Float[Tensor, "B Q H"],
        t: Steps,
        memory: Memory,
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> tuple[Float[Tensor, "B Q E"], Float[Tensor, "B Q S"]]:
        keys, values, mask = memory.keys, memory.values, memory.mask
        if self.alignment is None:
            return self.attention(query, keys, values, mask, coverage=coverage)  # type: ignore[misc]
        mask, bias = self.alignment(query, t, mask, values.shape[1])  # type: ignore[union-attr]
        options = {} if bias is None else {"bias": bias}  # an attention without it may not know of any
        return self.attention(query, keys, values, mask, coverage=coverage, **options)  # type: ignore[misc]

    def _read_out(
        self, hidden: Float[Tensor, "B Q H"], inputs: list[Tensor], memory: Memory
    ) -> Float[Tensor, "B Q H"]:
        previous = None if self.previous is None else inputs[self.previous]
        return self.readout(hidden, previous, memory.context)  # type: ignore[misc]

    def _with_switch(
        self,
        hidden: Float[Tensor, "B Q H"],
        output: Float[Tensor, "B Q H"],
        attended: Tensor | None,
        inputs: list[Tensor],
        weights: Tensor | None,
    ) -> Float[Tensor, "B Q R"]:
        """Return the head's input with the log-odds of generating and the attention's weights beside it."""
        previous = None if self.previous is None else inputs[self.previous]
        odds = self.switch(output, attended, previous)  # type: ignore[misc]
        return torch.cat([hidden, odds, weights], dim=-1)  # type: ignore[list-item]

    def _attentional(
        self, hidden: Float[Tensor, "B Q H"], attended: Float[Tensor, "B Q E"]
    ) -> Float[Tensor, "B Q H"]:
        return torch.tanh(self.combine(torch.cat([hidden, attended.to(hidden.dtype)], dim=-1)))  # type: ignore[misc]

    def _base(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Tensor | Copyable | None, Tensor | None]:
        """Return the base of the decoder step, and the history for the next one."""
        if self.residual is None:
            return memory.copyable, None
        if self.parallel or self.residual.given:
            queries = previous.shape[1]
            steps = torch.full((queries,), t, device=previous.device) if isinstance(t, int) else t
            return self.residual.parallel(memory.recent, steps), None  # type: ignore[arg-type]
        return self.residual.step(self.residual.values(previous), state.history)  # type: ignore[arg-type]

    def _with_dropout(self, hidden: Float[Tensor, "B Q H"]) -> Float[Tensor, "B Q H"]:
        return functional.dropout(hidden, self.dropout, self.training)
