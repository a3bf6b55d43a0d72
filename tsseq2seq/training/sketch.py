"""A network as a sketch: its tensors by name and shape, without memory for their numbers.

Settings in a saved model may ask for a network of any size. A sketch tells what they ask for before anything
is built, and gives up where they ask for more than the tensors that lie beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from tsseq2seq.errors import ModelFileError
from tsseq2seq.training.seeding import seeded

__all__ = ["TooLargeError", "sketch"]

Model = TypeVar("Model", bound=nn.Module)

# What a network may take besides its weights: positions, masks, and numbers on the way to its first weights.
_GRANTED_BYTES = 256 * 2**20
_TIMES = 8
_GRANTED_STEPS = 20_000
_STEPS_PER_WEIGHT = 200


class TooLargeError(ModelFileError):
    """The settings ask for a network far larger than the weights are."""


class _Limits(TorchDispatchMode):
    """Counts the bytes and steps of all that torch makes, and ends it at a limit."""

    def __init__(self, most_bytes: int, most_steps: int) -> None:
        super().__init__()
        self.bytes, self.steps = most_bytes, most_steps

    def __torch_dispatch__(  # type: ignore[no-untyped-def]  # noqa: ANN204
        self,
        func,  # noqa: ANN001 (whatever torch calls)
        types,  # noqa: ANN001
        args=(),  # noqa: ANN001
        kwargs=None,  # noqa: ANN001
    ):
        made = func(*args, **(kwargs or {}))
        self.steps -= 1
        if isinstance(made, Tensor) and not any(made is given for given in args):
            self.bytes -= made.numel() * made.element_size()
        if self.bytes < 0 or self.steps < 0:
            raise TooLargeError("its settings ask for a network far larger than its weights are")
        return made


def sketch(build: Callable[[], Model], weights: Mapping[str, Tensor]) -> Model | None:
    """Build a network on torch's ``meta`` device, where tensors have shapes and no numbers.

    Parameters
    ----------
    build
        Builds an untrained network.
    weights
        The weights that it is to get, by which its size is judged.

    Returns
    -------
    nn.Module or None
        The network; None if a layer of the user's own reads numbers while it is built.

    Raises
    ------
    TooLargeError
        If the network is far larger than the weights.

    Examples
    --------
    >>> network = sketch(lambda: nn.Linear(2, 1), {})
    >>> network.weight.shape, network.weight.device.type
    (torch.Size([1, 2]), 'meta')
    >>> sketch(lambda: nn.Linear(10**6, 10**6), {})
    Traceback (most recent call last):
    ...
    tsseq2seq.training.sketch.TooLargeError: its settings ask for a network far larger than its weights are
    """
    size = sum(tensor.numel() * tensor.element_size() for tensor in weights.values())
    limits = _Limits(_GRANTED_BYTES + _TIMES * size, _GRANTED_STEPS + _STEPS_PER_WEIGHT * len(weights))
    with seeded(0, torch.device("cpu")):
        try:
            with torch.device("meta"), limits:
                return build()
        except (NotImplementedError, RuntimeError) as error:
            if "meta" not in str(error).lower():
                raise
    return None
