"""States of optimisers survive being taken apart, written as JSON, and put together again."""

from __future__ import annotations

import copy
import json

import pytest
import torch
from torch import nn

from tsseq2seq.training.optimizer_states import states_from_parts, states_to_parts


def problem(kind: str, **options) -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
    return module, getattr(torch.optim, kind)(module.parameters(), lr=0.01, **options)


def step(module: nn.Module, optimizer: torch.optim.Optimizer, count: int = 3) -> None:
    for place in range(count):
        inputs = torch.randn(5, 3, generator=torch.Generator().manual_seed(place))
        optimizer.zero_grad()
        module(inputs).square().mean().backward()
        optimizer.step()


KINDS = {
    "Adam": {}, "AdamW": {"amsgrad": True, "fused": True}, "SGD": {"momentum": 0.9}, "Adagrad": {},
    "RMSprop": {"momentum": 0.5, "centered": True}, "RAdam": {}, "NAdam": {}, "Rprop": {},
}  # fmt: skip


@pytest.mark.parametrize(("kind", "options"), KINDS.items(), ids=KINDS.keys())
def test_a_restored_optimiser_goes_on_to_the_bit(kind: str, options: dict) -> None:
    module, optimizer = problem(kind, **options)
    step(module, optimizer)
    parts, tensors = states_to_parts([optimizer.state_dict()])
    (state,) = states_from_parts(json.loads(json.dumps(parts)), tensors)
    twin = copy.deepcopy(module)
    other = type(optimizer)(twin.parameters(), lr=0.01, **options)
    other.load_state_dict(state)
    step(module, optimizer)
    step(twin, other)
    for one, two in zip(module.parameters(), twin.parameters(), strict=True):
        assert torch.equal(one, two)


def test_members_are_kept_apart_even_with_more_than_ten_weights() -> None:
    states = []
    for seed in range(12):
        torch.manual_seed(seed)
        module = nn.ModuleList([nn.Linear(1, 1) for _ in range(6)])
        optimizer = torch.optim.Adam(module.parameters())
        sum(part(torch.ones(1, 1)).sum() * (seed + 1) for part in module).backward()
        optimizer.step()
        states.append(optimizer.state_dict())
    parts, tensors = states_to_parts(states)
    back = states_from_parts(json.loads(json.dumps(parts)), tensors)
    assert len(back) == 12
    for state, other in zip(states, back, strict=True):
        assert other["state"].keys() == state["state"].keys()
        for weight, entry in state["state"].items():
            assert entry.keys() == other["state"][weight].keys()
            assert all(torch.equal(entry[name], other["state"][weight][name]) for name in entry)


def test_nothing_saved_is_nothing_restored() -> None:
    assert states_from_parts([], {"model.0.weight": torch.ones(1)}) == ()


def test_other_tensors_are_left_alone() -> None:
    module, optimizer = problem("Adam")
    step(module, optimizer)
    parts, tensors = states_to_parts([optimizer.state_dict()])
    (state,) = states_from_parts(
        parts, tensors | {"model.0.weight": torch.ones(1), "conformal": torch.ones(2)}
    )
    assert state["state"].keys() == optimizer.state_dict()["state"].keys()
