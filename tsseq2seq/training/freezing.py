"""Freezing: parts of a module whose weights a training leaves as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from torch import nn

from tsseq2seq.errors import ParameterError

__all__ = ["frozen", "part_names"]

# The part that holds all others of an encoder–decoder; it goes without saying.
_WHOLE = "network."


def part_names(module: nn.Module) -> dict[str, list[str]]:
    """Return the names of a module's parts, each with its weights: modules, and modules in them.

    Examples
    --------
    >>> names = part_names(nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 1))))
    >>> {part: len(weights) for part, weights in names.items()}
    {'0': 2, '1': 2, '1.0': 2}
    """
    parts: dict[str, list[str]] = {}
    # a shared weight belongs to each part that has it
    for name, _ in module.named_parameters(remove_duplicate=False):
        path = name.removeprefix(_WHOLE).split(".")[:-1]
        for depth in range(1, min(len(path), 2) + 1):
            parts.setdefault(".".join(path[:depth]), []).append(name)
    return parts


@contextmanager
def frozen(module: nn.Module, parts: Sequence[str]) -> Iterator[None]:
    """Have the weights of some parts need no gradients inside the block.

    Parameters
    ----------
    module
        The module in training.
    parts
        Names of :func:`part_names`.

    Raises
    ------
    ParameterError
        If a name is none of them, or nothing would be left to train.
    """
    if not parts:
        yield
        return
    known = part_names(module)
    for part in parts:
        if part not in known:
            raise ParameterError(
                f"Training: freeze has {part!r}, which is no part of the network; it has: "
                f"{', '.join(repr(name) for name in known)}"
            )
    weights = dict(module.named_parameters(remove_duplicate=False))
    chosen = [weights[name] for part in parts for name in known[part]]
    changed = {id(weight): weight for weight in chosen if weight.requires_grad}
    for weight in changed.values():
        weight.requires_grad_(False)
    try:
        if not any(weight.requires_grad for weight in weights.values()):
            raise ParameterError(
                f"Training: freeze is {list(parts)!r}, which leaves nothing to train; leave out one part"
            )
        yield
    finally:
        for weight in changed.values():
            weight.requires_grad_(True)
