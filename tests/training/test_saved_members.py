"""Networks as tensors and back: tied weights once, buffers too, and nothing that does not fit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tsseq2seq.training.saved_members import members_from_tensors, members_to_tensors

CPU = torch.device("cpu")


class Tied(nn.Module):
    """Two layers that share a weight, with a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)
        self.second.weight = self.first.weight
        self.register_buffer("mean", torch.rand(3))


def test_tied_weights_are_stored_once_and_are_tied_again() -> None:
    members = [Tied(), Tied()]
    tensors = members_to_tensors(members)
    names = {"first.weight", "first.bias", "second.bias", "mean"}
    assert tensors.keys() == {f"model.{number}.{name}" for number in (0, 1) for name in names}
    again = members_from_tensors(Tied, 2, tensors | {"panel.values": torch.zeros(1)}, CPU)
    for one, other in zip(members, again, strict=True):
        assert other.first.weight is other.second.weight
        assert not other.training
        for name, tensor in one.state_dict().items():
            assert torch.equal(other.state_dict()[name], tensor)


def test_building_does_not_move_the_random_numbers() -> None:
    tensors = members_to_tensors([Tied()])
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    members_from_tensors(Tied, 1, tensors, CPU)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("change", ["missing", "too many", "shape"])
def test_tensors_that_do_not_fit_are_refused(change: str) -> None:
    tensors = members_to_tensors([Tied()])
    if change == "missing":
        del tensors["model.0.mean"]
    elif change == "too many":
        tensors["model.0.third.bias"] = torch.zeros(3)
    else:
        tensors["model.0.mean"] = torch.zeros(4)
    with pytest.raises(RuntimeError, match=r"mean|third\.bias"):
        members_from_tensors(Tied, 1, tensors, CPU)
