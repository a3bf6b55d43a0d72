"""The decoder: a recurrence with attention before or after the cell, and a head.

It advances either one step for Q independent queries of each row (:meth:`Decoder.step`), or, where
all previous outputs are known and nothing but the recurrence links the steps, all T steps in one
fused pass (:meth:`Decoder.run`). Both give the same numbers.
"""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nn.attention import Attention
from tsseq2seq.nn.cells import RecurrentLayers
from tsseq2seq.nn.decoder_inputs import Steps
from tsseq2seq.nn.decoder_state import DecoderState, Memory
from tsseq2seq.nn.residuals import Residual

__all__ = ["Decoder"]


class Decoder(nn.Module):
    """Compose the parts of a decoder.

    Parameters
    ----------
    inputs
        What enters each step (see :mod:`tsseq2seq.nn.decoder_inputs`).
    recurrent
        The recurrent layers.
    head
        Module ``(hidden (B, Q, H), base or None) → output``.
    attention
        The attention, or None.
    value_size
        Width E of what the attention mixes.
    attention_position
        ``"after"`` or ``"before"`` the cell.
    input_feeding
        Whether the attentional state enters the next step.
    residual
        Where the head's base comes from, or None.
    parallel
        Whether every step starts from the same state and takes no previous output.
    dropout
        Dropout before the head.
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
        input_feeding: bool = False,
        residual: Residual | None = None,
        parallel: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.inputs = nn.ModuleList(inputs)
        self.recurrent = recurrent
        self.head = head
        self.attention = attention
        width = recurrent.hidden_size
        self.combine = None if attention is None else nn.Linear(width + value_size, width)
        self.before = attention is not None and attention_position == "before"
        self.input_feeding = input_feeding
        self.residual = residual
        self.parallel = parallel
        self.dropout = dropout

    @property
    def fused(self) -> bool:
        """Whether :meth:`run` may be used: only the recurrence links the steps."""
        return not (self.before or self.input_feeding or self.coverage or self.parallel)

    @property
    def coverage(self) -> bool:
        """Whether the attention sees the sum of its weights so far."""
        return self.attention is not None and self.attention.coverage

    def step(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B Q S"] | None]:
        """Advance every query by one step.

        Parameters
        ----------
        previous
            (B, Q, …): the output before, of each query.
        t
            The step, or one for each query.
        state, memory
            What changes, and what does not.

        Returns
        -------
        output
            What the head makes, (B, Q, …).
        state
            The new state.
        weights
            Attention weights, or None without attention.
        """
        hidden, after, weights = self.hidden_step(previous, t, state, memory)
        base, history = self._base(previous, t, state, memory)
        return self.head(hidden, base), dataclasses.replace(after, history=history), weights

    def run(
        self, previous: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B T S"] | None]:
        """Run all T steps whose previous outputs are known, in one fused pass.

        Parameters
        ----------
        previous
            (B, T, …): the output before each step.
        state, memory
            As in :meth:`step`, with one query.
        """
        hidden, after, weights = self.hidden_run(previous, state, memory)
        base = history = None
        if self.residual is not None and state.history is not None:
            base, history = self.residual.run(self.residual.values(previous), state.history)
        return self.head(hidden, base), dataclasses.replace(after, history=history), weights

    def hidden_step(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Float[Tensor, "B Q H"], DecoderState, Float[Tensor, "B Q S"] | None]:
        """Advance as :meth:`step` does, and return what the head would read; no residual is kept."""
        inputs = [part(previous, t, memory) for part in self.inputs]
        mixed = weights = None
        if self.before:
            mixed, weights = self._attend(self.recurrent.output(state.recurrent), memory, state.coverage)
            inputs.append(mixed)
        if state.fed is not None:
            inputs.append(state.fed)
        hidden, recurrent = self.recurrent.step(torch.cat(inputs, dim=-1), state.recurrent)
        if self.attention is not None:
            if mixed is None:
                mixed, weights = self._attend(hidden, memory, state.coverage)
            hidden = self._combined(hidden, mixed)
        coverage = state.coverage
        if coverage is not None and weights is not None:
            coverage = coverage + weights
        fed = hidden if self.input_feeding else None
        return self._dropped(hidden), DecoderState(recurrent, None, fed, coverage), weights

    def hidden_run(
        self, previous: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Float[Tensor, "B T H"], DecoderState, Float[Tensor, "B T S"] | None]:
        """Run as :meth:`run` does, and return what the head would read; no residual is kept."""
        t = torch.arange(previous.shape[1], device=previous.device)
        inputs = torch.cat([part(previous, t, memory) for part in self.inputs], dim=-1)
        hidden, recurrent = self.recurrent.run(inputs, state.recurrent)
        weights = None
        if self.attention is not None:
            mixed, weights = self._attend(hidden, memory)
            hidden = self._combined(hidden, mixed)
        return self._dropped(hidden), DecoderState(recurrent), weights

    def _attend(
        self,
        query: Float[Tensor, "B Q D"],
        memory: Memory,
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> tuple[Float[Tensor, "B Q E"], Float[Tensor, "B Q S"]]:
        return self.attention(query, memory.keys, memory.values, memory.mask, coverage=coverage)  # type: ignore[misc]

    def _combined(
        self, hidden: Float[Tensor, "B Q H"], mixed: Float[Tensor, "B Q E"]
    ) -> Float[Tensor, "B Q H"]:
        return torch.tanh(self.combine(torch.cat([hidden, mixed.to(hidden.dtype)], dim=-1)))  # type: ignore[misc]

    def _base(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Tensor | None, Tensor | None]:
        if self.residual is None:
            return None, None
        if self.parallel:
            queries = previous.shape[1]
            steps = torch.full((queries,), t, device=previous.device) if isinstance(t, int) else t
            return self.residual.parallel(memory.recent, steps), None  # type: ignore[arg-type]
        return self.residual.step(self.residual.values(previous), state.history)  # type: ignore[arg-type]

    def _dropped(self, hidden: Float[Tensor, "B Q H"]) -> Float[Tensor, "B Q H"]:
        return functional.dropout(hidden, self.dropout, self.training)
