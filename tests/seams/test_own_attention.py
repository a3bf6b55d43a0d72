"""An attention written outside the library: cosine similarity with a learned sharpness."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq import Network
from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention import ScoredAttention


@pytest.fixture(autouse=True)
def cosine() -> type[ScoredAttention]:
    class Cosine(ScoredAttention, name="cosine"):
        """The cosine of query and value, sharpened."""

        has_width = True

        def __init__(self, *, query_size: int, value_size: int, attention_size: int) -> None:
            super().__init__()
            self.query = nn.Linear(query_size, attention_size)
            self.key = nn.Linear(value_size, attention_size)
            self.sharpness = nn.Parameter(torch.ones(()))

        def project(self, values: Tensor) -> Tensor:
            return functional.normalize(self.key(values), dim=-1)

        def score(self, query: Tensor, keys: Tensor, coverage: Tensor | None = None) -> Tensor:
            wanted = functional.normalize(self.query(query), dim=-1)
            return self.sharpness.exp() * torch.bmm(wanted, keys.to(wanted.dtype).transpose(1, 2))

    return Cosine


@pytest.mark.parametrize("position", ["after", "before"])
@pytest.mark.parametrize("feeding", [False, True])
def test_it_goes_all_the_way(position: str, feeding: bool, goes_all_the_way) -> None:
    network = Network(
        attention="cosine",
        attention_size=3,
        attention_position=position,
        input_feeding=feeding,
        hidden_size=8,
    )
    model = goes_all_the_way(network)
    weights = model.attention()
    assert weights.groupby(["unique_id", "step"])["weight"].sum().to_numpy() == pytest.approx(1.0, abs=1e-5)


def test_what_it_does_not_take_is_refused() -> None:
    with pytest.raises(ParameterError, match="attention_coverage is True but attention is 'cosine'"):
        Network(attention="cosine", attention_coverage=True)
    with pytest.raises(ParameterError, match="attention_heads is 2 but attention is 'cosine'"):
        Network(attention="cosine", attention_heads=2)
