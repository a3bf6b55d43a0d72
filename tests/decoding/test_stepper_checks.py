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
    "weights that end": ({"weights": at(2, lambda value: None)}, r"weights are None in step 2"),
    "weights that begin": ({"weights": lambda value, t: value if t else None}, "weights are .* in step 1"),
    "weights of another source": ({"weights": at(2, lambda value: value[..., :2])}, r"weights are \(.*step 2"),
    "weights of one query": ({"weights": at(3, lambda value: value[:, :1])}, r"weights are \(.*step 3"),
    "no tensor later": ({"output": at(3, lambda value: value.tolist())}, "output of step 3"),
    "no tokens": ({"output": lambda value, t: value[..., :0]}, "V = 0"),
    "step later": ({"step": at(3, lambda value: value[:2])}, "step 3 returned"),
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


LATE = {
    "cache": (lambda state: {"h": Cache(state["h"])}, r"Cache \(h\)"),
    "array": (lambda state: {"h": state["h"].numpy()}, "ndarray"),
    "one query": (lambda state: {"h": state["h"][:, :1]}, r"\(B, Q, …\)"),
    "flat": (lambda state: {"h": state["h"].flatten(0, 1)}, r"\(B, Q, …\)"),
    "number": (lambda state: {"h": torch.tensor(0)}, r"\(B, Q, …\)"),
}


@pytest.mark.parametrize("step", [2, 4])
@pytest.mark.parametrize(("change", "named"), LATE.values(), ids=LATE)
def test_a_state_that_turns_into_another_is_not_left_where_it_was(change, named, step) -> None:
    model = Model(state=at(step, change))
    with pytest.raises((ParameterError, ParameterTypeError), match=f"step {step}.*{named}"):
        beam_search(model, None, first=torch.zeros(B, 1, dtype=torch.int64), max_length=8, beam=Beam(3))


@pytest.mark.parametrize("mask", [
    np.ones((B, S), bool), torch.ones(B, S), torch.ones(B, S + 1, dtype=torch.bool),
    torch.ones(B, 1, dtype=torch.bool), torch.ones(1, S, dtype=torch.bool), torch.ones(S, dtype=torch.bool),
])  # fmt: skip
def test_a_mask_of_other_places(mask, unchecked_types) -> None:
    with pytest.raises((ParameterError, ParameterTypeError), match="source_mask"):
        beam_search(
            Model(), None, first=torch.zeros(B, 1, dtype=torch.int64), max_length=3, source_mask=mask,
            beam=Beam(coverage_penalty=0.1),
        )  # fmt: skip


@pytest.mark.parametrize(("search", "options", "named"), [
    (beam_search, {"beam": {"beam_size": 3}}, "beam is"),
    (beam_search, {"beam": None}, "beam is"),
    (beam_search, {"generator": 3}, "generator is 3"),
    (sample_sequences, {"sampling": {"top_k": 3}}, "sampling is"),
    (sample_sequences, {"generator": 3}, "generator is 3"),
])  # fmt: skip
def test_settings_of_another_class(search, options, named, unchecked_types) -> None:
    with pytest.raises(ParameterTypeError, match=named):
        search(Model(), None, first=torch.zeros(B, 1, dtype=torch.int64), max_length=3, **options)


@pytest.mark.parametrize("search", [beam_search, greedy_search, sample_sequences])
@pytest.mark.parametrize("end", [1.5, "4", True, [3, 4], torch.tensor([3, 4]), torch.tensor(1.5)])
def test_an_end_token_that_no_token_equals(search, end, unchecked_types) -> None:
    with pytest.raises(ParameterTypeError, match="eos_id"):
        search(Model(), None, first=torch.zeros(B, 1, dtype=torch.int64), max_length=3, eos_id=end)


@pytest.mark.parametrize("search", [beam_search, greedy_search, sample_sequences])
@pytest.mark.parametrize("end", [np.int64(0), torch.tensor(0), torch.tensor(0, dtype=torch.int32)])
def test_an_end_token_of_another_library(search, end, unchecked_types) -> None:
    model = Model(output=lambda value, t: value.index_fill(-1, torch.tensor([0]), 9.0))
    found = search(model, None, first=torch.zeros(B, 1, dtype=torch.int64), max_length=3, eos_id=end)
    best = found[0][0] if isinstance(found[0], list) else found[0]
    assert best.tokens == (0,)
    assert best.finished


@pytest.mark.parametrize("search", [beam_search, greedy_search, sample_sequences])
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"first": torch.zeros(B, dtype=torch.int64)}, "first"),
        ({"first": torch.zeros(B, 3, dtype=torch.int64)}, "first"),
        ({"max_length": torch.tensor([3, 3, 3])}, "max_length"),
        ({"max_length": 10**30}, "max_length"),
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
