"""The Stepper protocol: the two methods of a model that unrolling, sampling and search call.

Any model with these methods can be unrolled and searched by this library. Its state is any nest of
dataclasses, tuples, dicts and tensors; the tensors are (B, Q, …).
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from torch import Tensor

from tsseq2seq.errors import ParameterTypeError
from tsseq2seq.nests import map_nest, named_strangers

__all__ = ["FusedStepper", "State", "Stepper", "expand_queries"]

State = Any
Memory = Any


@runtime_checkable
class Stepper(Protocol):
    """A model that decodes one step at a time."""

    def start(self, encoding: Any) -> tuple[State, Memory]:  # noqa: ANN401
        """Return the state before the first decoder step, with one query a row, and the memory.

        The memory holds what stays constant over the steps. It has B rows; they are never repeated or
        reordered.
        """
        ...

    def step(
        self,
        previous: Tensor,
        t: int | Tensor,
        state: State,
        memory: Memory,
    ) -> tuple[Tensor, State, Tensor | None]:
        """Advance all Q queries of all B rows by one decoder step.

        Parameters
        ----------
        previous
            (B, Q, …): the previous output of each query.
        t
            The decoder step, one for all queries or one for each.
        state, memory
            As returned by :meth:`start` or the step before.

        Returns
        -------
        output
            (B, Q, …).
        state
            The state after the step.
        weights
            Attention weights (B, Q, S); None without attention.
        """
        ...


@runtime_checkable
class FusedStepper(Stepper, Protocol):
    """A stepper that can also run many decoder steps at once."""

    @property
    def fused(self) -> bool:
        """Whether :meth:`run` may be used."""
        ...

    @property
    def parallel(self) -> bool:
        """Whether decoder steps are independent: one ``step`` with Q = T and a vector ``t`` decodes all."""
        ...

    def run(self, previous: Tensor, state: State, memory: Memory) -> tuple[Tensor, State, Tensor | None]:
        """Run T decoder steps whose previous outputs (B, T, …) are known; the outputs are (B, T, …)."""
        ...


def expand_queries(state: State, queries: int) -> State:
    """Expand every tensor of a state with Q = 1 to Q = ``queries``, without copying.

    Raises
    ------
    ParameterTypeError
        If the state holds an object of another class, whose tensors would be left as they are.
    """
    for name, part in named_strangers(state):
        raise ParameterTypeError(
            f"the state is or holds a {type(part).__name__} ({name or 'state'}); it must be a tensor, or a "
            "nest of dataclasses, tuples, lists and dicts of tensors and numbers"
        )
    return map_nest(lambda leaf: leaf.expand(-1, queries, *[-1] * (leaf.ndim - 2)), state)
