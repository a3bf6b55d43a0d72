"""What a translator chooses where nothing is said, and that it leaves alone what is."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.training.training import Training
from tsseq2seq.translation.defaults import ResolvedTokenSettings, resolve_token_settings


def chosen(count: int = 3, longest: int = 4, vocabulary: int = 50, **settings) -> ResolvedTokenSettings:
    targets = TokenSequences.of([[5]] * (count - 1) + [[5] * longest])
    pairs = TokenPairs(TokenSequences.of([[4]] * count), targets)
    arguments = {"network": Network(), "training": Training(), "output": Tokens()}
    return resolve_token_settings(pairs, vocabulary, **(arguments | settings))


@pytest.mark.parametrize(("count", "width"), [(499, 64), (500, 128), (4999, 128), (5000, 256), (50_000, 512)])
def test_the_width_grows_with_the_pairs(count: int, width: int) -> None:
    assert chosen(count).network.hidden_size == width


@pytest.mark.parametrize(("count", "batch", "steps"), [(3, 16, 300), (499, 16, 467), (6400, 64, 1500)])
def test_fifteen_passes(count: int, batch: int, steps: int) -> None:
    training = chosen(count).training
    assert (training.batch_size, training.max_steps) == (batch, steps)
    assert training.teacher_forcing == 1.0


def test_never_more_than_so_many_steps() -> None:
    assert chosen(5000, training=Training(batch_size=1)).training.max_steps == 20_000


def test_what_is_given_stays() -> None:
    network = Network(hidden_size=7, attention="dot")
    training = Training(max_time=5.0, batch_size=3, teacher_forcing=0.5)
    found = chosen(network=network, training=training, output=Tokens(tied=True, label_smoothing=0.2))
    assert (found.network.hidden_size, found.network.attention) == (7, "dot")
    assert found.training == training
    assert found.training.max_steps is None, "max_time decides"
    assert found.output == Tokens(tied=True, label_smoothing=0.2)
    assert chosen(training=Training(max_steps=7)).training.max_steps == 7


def test_a_token_is_added_to_nothing() -> None:
    assert Network().residual == "season"
    assert chosen().network.residual is None


@pytest.mark.parametrize(
    ("tied", "vocabulary", "expected"),
    [(None, 999, False), (None, 1000, True), (False, 5000, False), (True, 10, True)],
)
def test_large_vocabularies_are_tied(tied: bool | None, vocabulary: int, expected: bool) -> None:
    assert chosen(vocabulary=vocabulary, output=Tokens(tied=tied)).output.tied is expected


@pytest.mark.parametrize(("longest", "expected"), [(1, 11), (4, 16), (5, 17)])
def test_the_greatest_length(longest: int, expected: int) -> None:
    assert chosen(longest=longest).max_length == expected


def test_the_greatest_length_for_a_source_and_behind_a_beginning() -> None:
    """1.5 tokens for each of the source and ten, at least ten behind what is forced, and never above 30."""
    resolved = dataclasses.replace(chosen(), length_ratio=1.5, max_length=30)
    lengths = torch.tensor([0, 3, 4, 99])
    assert resolved.max_lengths(lengths).tolist() == [10, 15, 16, 30]
    forced = torch.tensor([4, 5, 21, 0])
    assert resolved.max_lengths(lengths, forced).tolist() == [14, 15, 30, 30]


@pytest.mark.parametrize("ratio", [0.0, 0.1, 1.0])
def test_what_is_written_of_longer_sources_may_be_longer_in_proportion_if_it_grows(ratio: float) -> None:
    settings = {"max_length": 12, "length_ratio": ratio}
    bounded, growing = (
        ResolvedTokenSettings(Network(), Training(), Tokens(), **settings, longest_source=longest)
        for longest in (None, 40)
    )
    lengths = torch.tensor([1, 20, 40, 41, 400])
    assert torch.equal(growing.max_lengths(lengths[:3]), bounded.max_lengths(lengths[:3]))
    assert bounded.max_lengths(lengths).max() <= 12
    assert growing.max_lengths(lengths)[4] == 10 * growing.max_lengths(lengths)[2]
    assert growing.max_lengths(lengths)[3] >= growing.max_lengths(lengths)[2]
