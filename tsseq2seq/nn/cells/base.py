"""The interface of recurrent layers and cells, and how to add a cell.

Encoder and decoder use :class:`RecurrentLayers`: layers of one direction that run fused over all steps, or
advance many queries by one step. A :class:`Cell` is one layer in plain PyTorch, and
:class:`~tsseq2seq.nn.cells.stacked.StackedCells` stacks cells to layers. To add a cell, derive from ``Cell``,
give it a name, and define one step of its state::

    class Leaky(Cell, name="leaky"):
        def __init__(self, input_size, hidden_size):
            super().__init__(input_size, hidden_size)
            self.read = nn.Linear(input_size, hidden_size)

        def step(self, inputs, state):
            return 0.9 * state + 0.1 * torch.tanh(self.read(inputs))

Then ``Network(cell="leaky")`` uses it in encoder and decoder.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nests import Nest, first_leaf
from tsseq2seq.nn.registry import Registry

__all__ = ["CELLS", "Cell", "RecurrentLayers"]

#: The cells that ``Network(cell=…)`` chooses among.
CELLS: Registry[type[Cell] | type[RecurrentLayers]] = Registry("cell")


class RecurrentLayers(nn.Module, ABC):
    """Recurrent layers of one direction.

    Their state is any nest of tensors (B, Q, L, W): rows, queries, layers (lowest first), width. Its first
    tensor is the hidden state, of which the highest layer is the output.

    Attributes
    ----------
    hidden_size, num_layers
        Width and depth.

    Examples
    --------
    >>> from tsseq2seq.nn.cells import LSTM
    >>> layers = LSTM(3, 4, num_layers=2)
    >>> isinstance(layers, RecurrentLayers), layers.num_layers
    (True, 2)
    """

    hidden_size: int
    num_layers: int

    def __init_subclass__(cls, name: str | None = None) -> None:
        """Register the class under its name. Without a name it cannot be chosen by settings."""
        super().__init_subclass__()
        if name is not None:
            CELLS.add(name, cls)

    @abstractmethod
    def first_state(self, like: Float[Tensor, "B ..."]) -> Nest:
        """Return the state before the first step, with the rows of ``like`` and one query."""

    @abstractmethod
    def run(self, inputs: Float[Tensor, "B T I"], state: Nest) -> tuple[Float[Tensor, "B T H"], Nest]:
        """Run all layers over all T steps.

        Parameters
        ----------
        inputs
            Inputs of the lowest layer.
        state
            State before the first of them, with one query a row.

        Returns
        -------
        outputs
            Hidden states of the highest layer at every step.
        state
            The state after the last step.
        """

    @abstractmethod
    def step(self, inputs: Float[Tensor, "B Q I"], state: Nest) -> tuple[Float[Tensor, "B Q H"], Nest]:
        """Advance every query of every row by one step.

        Parameters
        ----------
        inputs
            One input for each query.
        state
            One state for each query.

        Returns
        -------
        output
            The new hidden state of the highest layer.
        state
            The new state of all layers.
        """

    def within_range(self, state: Nest) -> Nest:
        """Bring a state into the range of the layers' states, for example by a tanh.

        The bridge calls it on the result of its linear layers. By default the state is returned unchanged.
        """
        return state

    def output(self, state: Nest) -> Float[Tensor, "B Q H"]:
        """Return the hidden state of the highest layer."""
        return first_leaf(state)[:, :, -1]


class Cell(nn.Module, ABC):
    """One recurrent layer.

    Its state is any nest of tensors (N, W) for N independent sequences. Its first tensor is the hidden state,
    which is the output of the layer.

    Parameters
    ----------
    input_size, hidden_size
        Widths of the inputs, and of the hidden state.

    Examples
    --------
    >>> class Sum(Cell):  # without a name, settings do not know it
    ...     def step(self, inputs, state):
    ...         return state + inputs
    >>> cell = Sum(2, 2)
    >>> cell.step(torch.ones(1, 2), torch.ones(1, 2)).tolist()
    [[2.0, 2.0]]
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size

    def __init_subclass__(cls, name: str | None = None) -> None:
        """Register the class under its name. Without a name it cannot be chosen by settings."""
        super().__init_subclass__()
        if name is not None:
            CELLS.add(name, cls)

    @abstractmethod
    def step(self, inputs: Float[Tensor, "N I"], state: Nest) -> Nest:
        """Return the state after a step."""

    def first_state(self, like: Float[Tensor, "N ..."]) -> Nest:
        """Return the state before the first step, with the sequences of ``like``; by default zeros."""
        return like.new_zeros(len(like), self.hidden_size)

    def run(self, inputs: Float[Tensor, "N T I"], state: Nest) -> tuple[Float[Tensor, "N T H"], Nest]:
        """Return the hidden states of all T steps, and the state after them.

        By default one step runs after another; a cell that can run all steps at once overrides this.
        """
        outputs = []
        for step_inputs in inputs.unbind(1):
            state = self.step(step_inputs, state)
            outputs.append(first_leaf(state))
        return torch.stack(outputs, dim=1), state

    def within_range(self, state: Nest) -> Nest:
        """Bring a state into the range of the cell's states; by default it is returned unchanged."""
        return state
