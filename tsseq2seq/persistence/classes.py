"""Which classes saved models may hold: estimators, and parts with a name of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, runtime_checkable

from torch import Tensor

from tsseq2seq.registry import enter

__all__ = ["ESTIMATORS", "PARTS", "Storable", "register", "register_parts"]


@runtime_checkable
class Storable(Protocol):
    """An estimator that can be saved.

    Examples
    --------
    >>> from tsseq2seq import Seq2SeqForecaster
    >>> all(hasattr(Seq2SeqForecaster, name) for name in ("get_params", "learned", "restore"))
    True
    """

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's parameters."""
        ...

    def learned(self, **options: Any) -> tuple[dict[str, Any], dict[str, Tensor]]:  # noqa: ANN401
        """Return what ``fit`` learned: values that ``encode`` takes, and tensors."""
        ...

    def restore(self, learned: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Set what :meth:`learned` returned."""
        ...


#: Estimators by their key.
ESTIMATORS: dict[str, type[Storable]] = {}
#: Classes whose instances are written as the parts that they name, with the function that undoes it.
PARTS: dict[str, tuple[type, Callable[[Any], Any]]] = {}

AnyClass = TypeVar("AnyClass", bound=type)


def register(estimator_class: AnyClass) -> AnyClass:
    """Register a class, so that ``load`` finds it; a class decorator.

    Raises
    ------
    ParameterError
        If a class of another module already has its key.

    Examples
    --------
    >>> @register
    ... class Nothing:
    ...     pass
    >>> key, _ = ESTIMATORS.popitem()  # the last that was registered
    >>> key
    'tsseq2seq.Nothing'
    """
    enter(ESTIMATORS, estimator_class)
    return estimator_class


def register_parts(kind: str, base: type, restore: Callable[[Any], Any]) -> None:
    """Register a class whose instances are saved as what their ``to_parts`` returns.

    Parameters
    ----------
    kind
        Its name in the file.
    base
        The class, or its base.
    restore
        Returns the instance of the parts.

    Examples
    --------
    >>> class Price:
    ...     def __init__(self, cents):
    ...         self.cents = cents
    ...     def to_parts(self):
    ...         return self.cents
    >>> register_parts("price", Price, Price)
    >>> PARTS.pop("price")[1](250).cents
    250
    """
    PARTS[kind] = (base, restore)
