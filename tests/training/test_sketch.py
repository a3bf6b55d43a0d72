"""What settings ask for is told before it is built: no memory for a large network, no time for a deep one."""

from __future__ import annotations

import time

import pytest
import torch
from torch import nn

from tsseq2seq.training.sketch import TooLargeError, sketch


def test_a_sketch_has_the_names_and_shapes_of_the_network() -> None:
    made, drawn = nn.LSTM(3, 4, num_layers=2), sketch(lambda: nn.LSTM(3, 4, num_layers=2), {})
    assert drawn is not None
    shapes = [{name: one.shape for name, one in each.state_dict().items()} for each in (made, drawn)]
    assert shapes[0] == shapes[1]
    assert all(one.is_meta for one in drawn.parameters())


@pytest.mark.parametrize(
    "build",
    [
        lambda: nn.Linear(10**6, 10**6),
        lambda: nn.LSTM(1, 1, num_layers=10**7),
        lambda: nn.ModuleList(nn.Linear(1, 1) for _ in range(10**7)),
        lambda: nn.Parameter(torch.eye(10**5)),
        lambda: nn.Parameter(torch.arange(10**6)[:, None] * torch.arange(10**6)),
    ],
    ids=["wide", "deep", "many", "square", "on the way"],
)
def test_what_is_far_larger_than_its_weights_is_given_up_soon(build) -> None:
    started = time.process_time()
    with pytest.raises(TooLargeError):
        sketch(build, {"weight": torch.ones(100)})
    assert time.process_time() - started < 10


def test_a_network_of_the_size_of_its_weights_is_sketched() -> None:
    large = {"weight": torch.empty(10_000, 10_000)}
    drawn = sketch(lambda: nn.Linear(10_000, 10_000), large)
    assert drawn is not None


def test_a_layer_that_reads_numbers_has_no_sketch() -> None:
    class Reads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.size = int(torch.ones(1).item())

    assert sketch(Reads, {}) is None


def test_an_error_of_the_network_is_not_hidden() -> None:
    def fail() -> nn.Module:
        raise RuntimeError("heads do not divide")

    with pytest.raises(RuntimeError, match="heads"):
        sketch(fail, {})


def test_no_random_number_is_drawn() -> None:
    before = torch.get_rng_state()
    sketch(lambda: nn.Linear(3, 3), {})
    assert torch.equal(torch.get_rng_state(), before)
