"""A recurrent cell written outside the library."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from tsseq2seq import Network, Seq2SeqTranslator, Training
from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.cells import Cell


def leaky() -> type[Cell]:
    class Leaky(Cell, name="leaky"):
        """One state, which forgets at a learned rate."""

        def __init__(self, input_size: int, hidden_size: int) -> None:
            super().__init__(input_size, hidden_size)
            self.read = nn.Linear(input_size + hidden_size, hidden_size)
            self.rate = nn.Parameter(torch.zeros(hidden_size))

        def step(self, inputs: Tensor, state: Tensor) -> Tensor:
            new = torch.tanh(self.read(torch.cat([inputs, state.to(inputs.dtype)], dim=-1)))
            return torch.lerp(state.to(new.dtype), new, torch.sigmoid(self.rate).to(new.dtype))

    return Leaky


def counting() -> type[Cell]:
    @dataclass(frozen=True)
    class State:
        hidden: Tensor
        steps: tuple[Tensor, dict[str, Tensor]]

    class Counting(Cell, name="counting"):
        """Three states in a nest, of two widths."""

        def __init__(self, input_size: int, hidden_size: int) -> None:
            super().__init__(input_size, hidden_size)
            self.read = nn.Linear(input_size + 1, hidden_size)

        def first_state(self, like: Tensor) -> State:
            zeros = like.new_zeros(len(like), self.hidden_size)
            return State(zeros, (like.new_zeros(len(like), 1), {"sum": zeros}))

        def step(self, inputs: Tensor, state: State) -> State:
            count, total = state.steps[0] + 1, state.steps[1]["sum"]
            total = total + torch.tanh(self.read(torch.cat([inputs, 1 / count.to(inputs.dtype)], dim=-1)))
            return State(total / count, (count, {"sum": total}))

    return Counting


SHAPES = [
    pytest.param({}, id="plain"),
    pytest.param({"num_layers": 2, "dropout": 0.1}, id="two layers"),
    pytest.param({"attention": "dot", "attention_position": "before"}, id="attention before"),
    pytest.param({"attention": "additive", "input_feeding": True}, id="input feeding"),
    pytest.param({"context": "mean"}, id="mean context"),
    pytest.param({"initial_state": False, "feed_context": True}, id="no initial state"),
]


@pytest.mark.parametrize("make", [leaky, counting])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_goes_all_the_way(make, shape: dict, goes_all_the_way) -> None:
    make()
    goes_all_the_way(Network(cell=make.__name__, hidden_size=8, **shape))


def test_widths_may_differ(goes_all_the_way) -> None:
    leaky()
    goes_all_the_way(Network(cell="leaky", hidden_size=8, bidirectional=True, decoder_hidden_size=6))


@pytest.mark.parametrize("make", [leaky, counting])
def test_it_is_searched_like_any_other(make) -> None:
    make()
    translator = Seq2SeqTranslator(
        network=Network(hidden_size=8, attention="dot", cell=make.__name__),
        training=Training(max_steps=5, progress=False),
    ).fit(["ab", "ba", "aab"], ["ba", "ab", "baa"])
    (found,) = translator.translate(["aba"], beam_size=3, n_best=3)
    assert len(found) == 3
    scores = translator.score_pairs(["aba"] * 3, found)
    assert [hypothesis.log_probability for hypothesis in found] == pytest.approx(list(scores), abs=1e-4)


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(ParameterError, match="'lstm'"):

        class Mine(Cell, name="lstm"):
            def step(self, inputs: Tensor, state: Tensor) -> Tensor:
                return state


def test_a_class_may_be_written_anew() -> None:
    """A notebook's cell may run twice."""
    leaky()
    second = leaky()
    assert Network(cell="leaky").cell == "leaky"
    assert second.__name__ == "Leaky"


def test_a_name_that_is_unknown_is_refused() -> None:
    with pytest.raises(ParameterError, match="cell is 'leaky'"):
        Network(cell="leaky")
