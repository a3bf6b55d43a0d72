"""Starting and stepping a model with checks: a wrong shape is named before it can go on in silence.

States are checked after ``start`` and the first two steps, since the second is the first with reordered
states; all else at every step, which costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from tsseq2seq.decoding.stepper import Memory, State, Stepper
from tsseq2seq.decoding.token_scores import at_least_float32
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nests import named_leaves, named_strangers

__all__ = ["Step", "check_input", "check_state", "checked_start", "checked_step"]

# The number of steps after which states are checked.
_CHECKED = 2


@dataclass(frozen=True)
class Step:
    """What a model returned in a step.

    Attributes
    ----------
    output
        Its output (B, Q, …).
    scores
        The log-probabilities (B, Q, V), in float32 at least.
    state
        The state after the step.
    weights
        Attention weights (B, Q, S), or None.
    """

    output: Tensor
    scores: Tensor
    state: State
    weights: Tensor | None

    @property
    def vocabulary(self) -> int:
        """Number of tokens, V."""
        return self.scores.shape[-1]


def checked_start(owner: str, stepper: Stepper, encoding: Any, rows: int) -> tuple[State, Memory]:  # noqa: ANN401
    """Return a model's first state, with one query a row, and its memory.

    Parameters
    ----------
    owner
        Name of the calling function, for messages.
    stepper, encoding
        As in :func:`~tsseq2seq.decoding.beam_search.beam_search`.
    rows
        Number of rows, B.

    Raises
    ------
    ParameterError, ParameterTypeError
        If a tensor of the state has another shape than (B, 1, …), or the state holds what cannot
        be reordered.
    """
    found: Any = stepper.start(encoding)
    if not isinstance(found, tuple) or len(found) != 2:
        raise ParameterTypeError(
            f"{owner}: start returned {_what(found)}; it must return a tuple (state, memory)"
        )
    check_state(owner, "start", found[0], rows, 1)
    return found


def checked_step(
    owner: str,
    stepper: Stepper,
    previous: Tensor,
    t: int,
    state: State,
    memory: Memory,
    *,
    log_probabilities: Callable[[Tensor], Tensor],
    before: Step | None,
) -> Step:
    """Advance a model by one step.

    Parameters
    ----------
    owner
        Name of the calling function, for messages.
    stepper, previous, t, state, memory
        The model and the arguments of its ``step``.
    log_probabilities
        Function from its output to log-probabilities (B, Q, V).
    before
        The step before. None at the first one.

    Raises
    ------
    ParameterError, ParameterTypeError
        If one of them has a wrong shape, or the state holds what cannot be reordered.
    """
    rows, queries = previous.shape[:2]
    found: Any = stepper.step(previous, t, state, memory)
    if not isinstance(found, tuple) or len(found) != 3:
        raise ParameterTypeError(
            f"{owner}: step {t} returned {_what(found)}; it must return a tuple (output, state, weights)"
        )
    output, after, weights = found
    _check_output(owner, t, output, rows, queries)
    if t < _CHECKED:
        check_state(owner, f"step {t}", after, rows, queries)
    _check_weights(owner, t, weights, rows, queries)
    if before is not None:
        _check_same_places(owner, t, weights, before.weights)
    scores = at_least_float32(log_probabilities(output))
    wanted = (rows, queries, scores.shape[-1] if scores.ndim else 0)
    if scores.shape != wanted:
        raise ParameterError(
            f"{owner}: the log-probabilities of step {t} are {_shape(scores)}, of an output of "
            f"{_shape(output)}; they must be (B, Q, V) = {wanted}"
        )
    if before is not None and scores.shape[-1] != before.vocabulary:
        raise ParameterError(
            f"{owner}: there are {scores.shape[-1]} tokens in step {t}, but {before.vocabulary} before; the "
            "vocabulary must be the same in all steps (give -inf to tokens that are not allowed)"
        )
    return Step(output, scores, after, weights)


def check_input(owner: str, t: int, previous: Tensor, rows: int, queries: int) -> None:
    """Refuse an input of the next step that has not (B, Q, …); only the first two steps are checked.

    Raises
    ------
    ParameterError, ParameterTypeError
        With what ``feedback`` returned.
    """
    if t >= _CHECKED:
        return
    if not isinstance(previous, Tensor):
        raise ParameterTypeError(f"{owner}: feedback returned {_what(previous)}; it must return a tensor")
    if previous.shape[:2] != (rows, queries):
        raise ParameterError(
            f"{owner}: feedback returned {_shape(previous)} in step {t}; it must return (B, Q, …) = "
            f"({rows}, {queries}, …)"
        )


def _check_output(owner: str, t: int, output: object, rows: int, queries: int) -> None:
    if not isinstance(output, Tensor):
        raise ParameterTypeError(f"{owner}: the output of step {t} is {_what(output)}; it must be a tensor")
    if output.ndim < 3 or output.shape[:2] != (rows, queries):
        last = output.shape[-1] if output.ndim else 1
        raise ParameterError(
            f"{owner}: output is {_shape(output)} in step {t}; it must be (B, Q, V) = "
            f"({rows}, {queries}, {last})"
        )


def check_state(owner: str, where: str, state: State, rows: int, queries: int) -> None:
    """Refuse a state that holds what is no tensor, nest or number, or tensors of other rows and queries.

    Raises
    ------
    ParameterError, ParameterTypeError
        With the name of the first such part.
    """
    for name, part in named_strangers(state):
        raise ParameterTypeError(
            f"{owner}: the state after {where} is or holds a {type(part).__name__} ({name or 'state'}), "
            "which cannot be reordered; it must be a tensor, or a nest of dataclasses, tuples, lists and "
            "dicts of tensors and numbers"
        )
    for name, leaf in named_leaves(state):
        if leaf.ndim < 2 or leaf.shape[:2] != (rows, queries):
            raise ParameterError(
                f"{owner}: the state after {where} has a tensor of {_shape(leaf)} ({name or 'state'}); it "
                f"must be (B, Q, …) = ({rows}, {queries}, …)"
            )


def _check_weights(owner: str, t: int, weights: object, rows: int, queries: int) -> None:
    if weights is None:
        return
    if not isinstance(weights, Tensor):
        raise ParameterTypeError(
            f"{owner}: the weights of step {t} are {_what(weights)}; they must be a tensor (B, Q, S) or None"
        )
    if weights.ndim != 3 or weights.shape[:2] != (rows, queries):
        last = weights.shape[-1] if weights.ndim else 1
        raise ParameterError(
            f"{owner}: weights are {_shape(weights)} in step {t}; they must be (B, Q, S) = "
            f"({rows}, {queries}, {last})"
        )


def _check_same_places(owner: str, t: int, weights: Tensor | None, before: Tensor | None) -> None:
    places, had = (None if each is None else each.shape[2] for each in (weights, before))
    if places != had:
        raise ParameterError(
            f"{owner}: weights are {'None' if weights is None else _shape(weights)} in step {t}, but "
            f"{'None' if before is None else _shape(before)} in the step before; they must be of the same "
            "source, S, in all steps (0 at places that are not read), or None in all"
        )


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


def _what(value: object) -> str:
    if isinstance(value, Tensor):
        return f"a tensor {_shape(value)}"
    return f"a tuple of {len(value)}" if isinstance(value, tuple) else f"a {type(value).__name__}"
