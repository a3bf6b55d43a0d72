"""A model of one's own with wrong shapes is refused, and the message names what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_search import beam_search
from tsseq2seq.decoding.greedy import greedy_search
from tsseq2seq.decoding.sampling import Sampling, sample_sequences
from tsseq2seq.decoding.stepper import expand_queries
from tsseq2seq.errors import ParameterError, ParameterTypeError, TsSeq2SeqError

B, V, S = 2, 5, 3


class Cache:
    """Such as a transformer's cache object."""

    def __init__(self, tensor):
        self.tensor = tensor


class Model:
    """All is right, but for what ``changes`` returns for one part at one step."""

    def __init__(self, **changes):
        self.changes = changes

    def changed(self, name, value, t=None):
        change = self.changes.get(name)
        return value if change is None else change(value, t)

    def start(self, encoding):
        return self.changed("start", (self.changed("first_state", {"h": torch.zeros(B, 1, 4)}), None))

    def step(self, previous, t, state, memory):
        shape = previous.shape[:2]
        output = self.changed("output", torch.zeros(*shape, V), t)
        weights = self.changed("weights", torch.zeros(*shape, S), t)
        return self.changed("step", (output, self.changed("state", state, t), weights), t)


def at(step, function):
    return lambda value, t: function(value) if t == step else value


WRONG = {
    "flat output": ({"output": lambda value, t: value.flatten(0, 1)}, r"output is \(.*\(B, Q, V\)"),
    "flat output later": ({"output": at(1, lambda value: value.flatten(0, 1))}, r"output is \(.*\(B, Q, V\)"),
    "no tensor": ({"output": lambda value, t: value.tolist()}, "output"),
    "vocabulary": ({"output": at(2, lambda value: torch.zeros(*value.shape[:2], V + 1))}, "6 tokens in step 2"),
    "state of one query": ({"state": lambda value, t: {"h": value["h"][:, :1]}}, r"state .*\(B, Q, …\)"),
    "flat state": ({"state": lambda value, t: {"h": value["h"].flatten(0, 1)}}, r"state .*\(h\)"),
    "first state without queries": ({"first_state": lambda value, t: value["h"][:, 0]}, "state after start"),
    "a number as a tensor": ({"first_state": lambda value, t: torch.tensor(0)}, "state after start"),
    "cache": ({"first_state": lambda value, t: Cache(value["h"])}, "Cache"),
    "cache in a nest": ({"state": lambda value, t: {"all": (Cache(value["h"]), None)}}, r"all\.0"),
    "array": ({"first_state": lambda value, t: np.zeros((B, 1))}, "ndarray"),
    "set": ({"first_state": lambda value, t: {"s": {1, 2}}}, "set"),
    "weights": ({"weights": lambda value, t: value.flatten(0, 1)}, r"weights are \(.*\(B, Q, S\)"),
    "weights of a head": ({"weights": lambda value, t: value[:, :, None]}, "weights"),
    "start": ({"start": lambda value, t: value[0]}, "start returned"),
    "step": ({"step": lambda value, t: value[:2]}, "step 0 returned"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "named"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("search", [
    lambda *a, **o: beam_search(*a, beam=Beam(4, n_best=2), **o),
    lambda *a, **o: sample_sequences(*a, sampling=Sampling(num_samples=4), **o),
], ids=["beam", "sample"])  # fmt: skip
def test_what_the_model_returns(changes, named, search) -> None:
    with pytest.raises(TsSeq2SeqError, match=named):
        search(Model(**changes), None, first=torch.zeros(B, 1, dtype=torch.int64), max_length=5)


@pytest.mark.parametrize("search", [beam_search, greedy_search, sample_sequences])
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"first": torch.zeros(B, dtype=torch.int64)}, "first"),
        ({"first": torch.zeros(B, 3, dtype=torch.int64)}, "first"),
        ({"max_length": torch.tensor([3, 3, 3])}, "max_length"),
        ({"max_length": torch.tensor([[3], [3]])}, "max_length"),
        ({"max_length": torch.tensor([3.0, 3.0])}, "max_length"),
        ({"prefix": torch.tensor([1, 2])}, "prefix"),
        ({"prefix": torch.tensor([[1.0], [2.0]])}, "prefix"),
        ({"prefix": torch.ones(3, 1, dtype=torch.int64)}, "prefix"),
        ({"feedback": lambda tokens: tokens.flatten()}, "feedback"),
        ({"log_probabilities": lambda output: output[:, :, 0]}, "log-probabilities"),
    ],
)
def test_arguments(search, options, named) -> None:
    given = {"first": torch.zeros(B, 1, dtype=torch.int64), "max_length": 4} | options
    with pytest.raises((ParameterError, ParameterTypeError), match=named):
        search(Model(), None, **given)


def test_a_state_of_numbers_and_nothing_is_welcome() -> None:
    model = Model(first_state=lambda value, t: (value, None, 3, "name", [1.5]))
    (row, _) = beam_search(model, None, first=torch.zeros(B, 1, dtype=torch.int64), max_length=3)
    assert len(row[0].tokens) == 3


def test_expanding_queries_refuses_what_it_would_leave_as_it_is() -> None:
    with pytest.raises(ParameterTypeError, match="Cache"):
        expand_queries((torch.zeros(2, 1), Cache(torch.zeros(2, 1))), 3)
