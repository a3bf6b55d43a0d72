"""BestWeights: the weights with the lowest validation error."""

from __future__ import annotations

from torch import nn

from tsseq2seq.training.state import State, module_state

__all__ = ["BestWeights"]


class BestWeights:
    """A copy of a module's weights from the validation with the lowest error.

    Attributes
    ----------
    error
        The lowest error so far; infinite before the first validation.
    weights
        The weights with that error; None before the first validation.
    without_improvement
        Number of validations since then.

    Examples
    --------
    >>> module, best = nn.Linear(1, 1), BestWeights()
    >>> [best.update(module, error) for error in (2.0, float("nan"), 1.0, 3.0)]
    [True, False, True, False]
    >>> best.error, best.without_improvement
    (1.0, 1)
    """

    def __init__(self) -> None:
        self.error = float("inf")
        self.weights: State | None = None
        self.without_improvement = 0

    def update(self, module: nn.Module, error: float | None) -> bool:
        """Compare a new error, copy the weights if it is the lowest, and return whether it is.

        None and NaN never are.
        """
        better = error is not None and error < self.error
        if better:
            self.error = float(error)  # type: ignore[arg-type]
            self.weights = module_state(module)
        self.without_improvement = 0 if better else self.without_improvement + 1
        return better

    def state(self) -> State:
        """Return all attributes."""
        return dict(vars(self))

    def load_state(self, state: State) -> None:
        """Set all attributes from a state."""
        vars(self).update(state)
