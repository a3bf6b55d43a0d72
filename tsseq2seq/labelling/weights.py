"""Weights of sequences: those given for each, times those of their classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from sklearn.utils.class_weight import compute_class_weight
from torch import Tensor

from tsseq2seq.data.sample_weights import checked_weights
from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.labelling.classes import Classes
from tsseq2seq.settings import check_number

__all__ = ["check_class_weight", "sequence_weights"]


def check_class_weight(owner: str, class_weight: object) -> None:
    """Refuse class weights that are none.

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is neither None, ``"balanced"``, nor a dict of numbers from 0 on.
    """
    if class_weight is None or (isinstance(class_weight, str) and class_weight == "balanced"):
        return
    if not isinstance(class_weight, Mapping):
        raise ParameterError(
            f"{owner}: class_weight is {class_weight!r}; it must be None, 'balanced', or a dict from classes "
            "to weights"
        )
    for label, weight in class_weight.items():
        check_number(owner, f"class_weight[{label!r}]", weight, low=0)


def sequence_weights(
    count: int,
    sample_weight: object = None,
    *,
    numbers: Sequence[int] = (),
    classes: Classes | None = None,
    class_weight: Mapping[Any, float] | str | None = None,
    counted: Sequence[int] | None = None,
) -> Float[Tensor, " N"]:
    """Return the weight of each sequence; their mean is 1.

    Parameters
    ----------
    count
        Number of sequences.
    sample_weight
        A weight of each. None: 1.
    numbers, classes
        The number of each sequence's class, and the classes; for ``class_weight``.
    class_weight
        The weights of classes, 1 where a dict has none; ``"balanced"``: inversely as frequent as they are.
        None: 1.
    counted
        The sequences by which ``"balanced"`` knows how frequent classes are. None: all.

    Raises
    ------
    DataError
        If weights are not as many as sequences, one is below 0 or not finite, or all are 0.
    ParameterError
        If ``class_weight`` names a class that there is none of.

    Examples
    --------
    >>> classes = Classes(("a", "b"))
    >>> sequence_weights(3, numbers=[0, 0, 1], classes=classes, class_weight="balanced").tolist()
    [0.75, 0.75, 1.5]
    """
    given = checked_weights(sample_weight, count, "sequence")
    weights = np.ones(count) if given is None else given.double().numpy()
    if classes is not None and class_weight is not None:
        seen = numbers if counted is None else [numbers[row] for row in counted]
        weights = weights * _of_classes(class_weight, classes, seen)[list(numbers)]
    mean = weights.mean()
    if not mean > 0:
        raise DataError("the weight of every sequence is zero (sample_weight times class_weight)")
    return torch.from_numpy((weights / mean).astype(np.float32))


def _of_classes(
    class_weight: Mapping[Any, float] | str, classes: Classes, numbers: Sequence[int]
) -> np.ndarray:
    """Return the weight of each class."""
    if isinstance(class_weight, str):
        return compute_class_weight(class_weight, classes=np.arange(len(classes)), y=np.asarray(numbers))
    unknown = [label for label in class_weight if label not in classes.values]
    if unknown:
        raise ParameterError(
            f"class_weight has {unknown[0]!r}, which is no class; the classes are "
            f"{', '.join(repr(value) for value in classes.values[:10])}"
        )
    return np.array([float(class_weight.get(value, 1.0)) for value in classes.values])
