"""The networks of an ensemble as tensors with names, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from tsseq2seq.training.seeding import seeded

__all__ = ["members_from_tensors", "members_to_tensors"]

Model = TypeVar("Model", bound=nn.Module)


def members_to_tensors(members: Sequence[nn.Module]) -> dict[str, Tensor]:
    """Return the weights of networks as ``model.0.…``, ``model.1.…`` and so on.

    Examples
    --------
    >>> sorted(members_to_tensors([nn.Linear(2, 1), nn.Linear(2, 1, bias=False)]))
    ['model.0.bias', 'model.0.weight', 'model.1.weight']
    """
    return {
        f"model.{number}.{name}": tensor.detach()
        for number, model in enumerate(members)
        for name, tensor in _stored(model).items()
    }


def members_from_tensors(
    build: Callable[[], Model], count: int, tensors: Mapping[str, Tensor], device: torch.device
) -> tuple[Model, ...]:
    """Build networks, and give them the weights that :func:`members_to_tensors` returned.

    Parameters
    ----------
    build
        Builds an untrained network.
    count
        Number of networks.
    tensors
        Their weights; other tensors may lie beside them.
    device
        The device of the networks.

    Returns
    -------
    tuple of nn.Module
        In evaluation mode.

    Raises
    ------
    RuntimeError
        If tensors are missing, too many, or of other shapes.
    """
    members = []
    for number in range(count):
        with seeded(0, device):  # building draws weights, which are then overwritten
            model = build()
        prefix = f"model.{number}."
        weights = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
        differing = weights.keys() ^ _stored(model).keys()
        if differing:
            raise RuntimeError(f"the tensors differ in {sorted(differing)[0]!r}")
        model.load_state_dict(weights, strict=False)
        members.append(model.to(device).eval())
    return tuple(members)


def _stored(model: nn.Module) -> dict[str, Tensor]:
    """Return parameters and buffers; a weight that is used twice is listed by its first name."""
    every, once = (
        {name for name, _ in model.named_parameters(remove_duplicate=remove)} for remove in (False, True)
    )
    return {name: tensor for name, tensor in model.state_dict().items() if name not in every - once}
