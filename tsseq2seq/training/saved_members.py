"""The networks of an ensemble as tensors with names, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from tsseq2seq.errors import ModelFileError, shown
from tsseq2seq.stored_checks import all_finite
from tsseq2seq.training.seeding import seeded
from tsseq2seq.training.sketch import sketch

__all__ = ["members_from_tensors", "members_to_tensors"]

Model = TypeVar("Model", bound=nn.Module)


def members_to_tensors(members: Sequence[nn.Module]) -> dict[str, Tensor]:
    """Return the weights of networks as ``model.0.…``, ``model.1.…`` and so on.

    Raises
    ------
    ModelFileError
        If weights are not finite: such a model could not be loaded.

    Examples
    --------
    >>> sorted(members_to_tensors([nn.Linear(2, 1), nn.Linear(2, 1, bias=False)]))
    ['model.0.bias', 'model.0.weight', 'model.1.weight']
    """
    weights = [_stored(model) for model in members]
    for number, own in enumerate(weights):
        _check_finite(own, number)
    return {
        f"model.{number}.{name}": tensor.detach()
        for number, own in enumerate(weights)
        for name, tensor in own.items()
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
        If tensors are missing, too many, or of other shapes than the settings ask for.
    ModelFileError
        If the settings ask for a far larger network, or weights are not finite.
    """
    weights = [_of_member(tensors, number) for number in range(_checked_count(count, tensors))]
    first = sketch(build, weights[0])
    for number, own in enumerate(weights):
        if first is not None:
            _check_shapes(own, first, number)
        _check_finite(own, number)
    members = []
    for number, own in enumerate(weights):
        with seeded(0, device):  # building draws weights, which are then overwritten
            model = build()
        _check_shapes(own, model, number)
        model.load_state_dict(own, strict=False)
        members.append(model.to(device).eval())
    return tuple(members)


def _checked_count(count: object, tensors: Mapping[str, Tensor]) -> int:
    numbers = {name.split(".", 2)[1] for name in tensors if name.startswith("model.")}
    if not isinstance(count, int) or isinstance(count, bool) or numbers != set(map(str, range(len(numbers)))):
        raise RuntimeError(f"members is {shown(count)}, and the tensors are those of {sorted(numbers)[:5]}")
    if not 1 <= count == len(numbers):
        raise RuntimeError(f"members is {count}, but there are tensors of {len(numbers)}")
    return count


def _of_member(tensors: Mapping[str, Tensor], number: int) -> dict[str, Tensor]:
    prefix = f"model.{number}."
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _check_shapes(weights: Mapping[str, Tensor], model: nn.Module, number: int) -> None:
    """Refuse weights that differ from those of the network that the settings ask for."""
    expected = _stored(model)
    differing = sorted(weights.keys() ^ expected.keys())
    if differing:
        where = "settings ask for none" if differing[0] in weights else "tensors lack it"
        raise RuntimeError(f"the tensors differ in 'model.{number}.{differing[0]}': the {where}")
    for name, tensor in weights.items():
        wanted = expected[name]
        if tensor.shape != wanted.shape or tensor.is_floating_point() != wanted.is_floating_point():
            raise RuntimeError(
                f"the tensor 'model.{number}.{name}' has the shape {tuple(tensor.shape)} of {tensor.dtype}; "
                f"the settings ask for {tuple(wanted.shape)} of {wanted.dtype}"
            )


def _check_finite(weights: Mapping[str, Tensor], number: int) -> None:
    for name, tensor in weights.items():
        if not all_finite(tensor):
            raise ModelFileError(
                f"the weights 'model.{number}.{name}' are not finite: the training diverged, or they were "
                "changed since"
            )


def _stored(model: nn.Module) -> dict[str, Tensor]:
    """Return parameters and buffers; a weight that is used twice is listed by its first name."""
    every, once = (
        {name for name, _ in model.named_parameters(remove_duplicate=remove)} for remove in (False, True)
    )
    return {name: tensor for name, tensor in model.state_dict().items() if name not in every - once}
