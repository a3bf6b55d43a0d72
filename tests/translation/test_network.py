"""The translator's network, held against one written in numpy, token by token."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.rescoring import score_sequences
from tsseq2seq.nn.cells import LSTM
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.network import Network
from tsseq2seq.translation.network import TokenShape, build_translator

SHAPE = TokenShape(source=9, target=11)
SOURCE = torch.tensor([[4, 5, 6, 7, 8], [8, 4, 4, 0, 0], [3, 0, 0, 0, 0]])
LENGTHS = torch.tensor([5, 3, 1])
TARGET = torch.tensor([[10, 9, 2, 0], [5, 2, 0, 0], [7, 8, 6, 2]])
FIRST = torch.ones(3, 1, dtype=torch.int64)


def built(shape: TokenShape = SHAPE, **settings) -> EncoderDecoder:
    torch.manual_seed(0)
    network = Network(**({"hidden_size": 6, "residual": None} | settings))
    return build_translator(network, shape).eval()


def numbers(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().double().numpy()


def written_in_numpy(model, step, source: list[int], target: list[int]) -> np.ndarray:
    """Return the log-probabilities (T, V) of one pair; Luong et al. 2015 with dot scores, or no attention."""
    read, write = numbers(model.embedding.weight), numbers(model.decoder.inputs[0].embedding.weight)
    width = read.shape[1]
    layers = model.decoder.recurrent.num_layers
    hidden = np.zeros((layers, model.decoder.recurrent.hidden_size))
    cell = np.zeros_like(hidden) if isinstance(model.decoder.recurrent, LSTM) else None
    states = []
    for token in source:
        output, hidden, cell = step(model.encoder.forwards[0], read[token] * width**0.5, hidden, cell)
        states.append(output)
    memory, scores, previous = np.array(states), [], 1
    for token in target:
        output, hidden, cell = step(model.decoder.recurrent, write[previous] * width**0.5, hidden, cell)
        if model.decoder.attention is not None:
            weights = np.exp(memory @ output)
            mixed = weights / weights.sum() @ memory
            combine = model.decoder.combine
            output = np.tanh(
                numbers(combine.weight) @ np.concatenate([output, mixed]) + numbers(combine.bias)
            )
        logits = numbers(model.decoder.head.weight) @ output + numbers(model.decoder.head.bias)
        scores.append(logits - np.log(np.exp(logits).sum()))
        previous = token
    return np.array(scores)


@pytest.mark.parametrize("attention", [None, "dot"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_it_is_the_network_of_the_papers(numpy_step, cell: str, layers: int, attention: str | None) -> None:
    model = built(cell=cell, num_layers=layers, attention=attention)
    found = score_sequences(model, model.encode(SOURCE, LENGTHS), TARGET, first=FIRST)
    for row, (source, target) in enumerate(zip(SOURCE.tolist(), TARGET.tolist(), strict=True)):
        scores = written_in_numpy(model, numpy_step, source[: LENGTHS[row]], target)
        expected = [scores[t, token] for t, token in enumerate(target)]
        np.testing.assert_allclose(found[row].detach().numpy(), expected, rtol=1e-4)


ARCHITECTURES = [
    {"attention": "additive", "attention_position": "before"},
    {"attention": "general", "input_feeding": True, "bidirectional": True},
    {"attention": "concat", "attention_coverage": True},
    {"attention": "multihead", "hidden_size": 8, "num_layers": 2, "bidirectional": True},
    {"context": "mean", "feed_context": True},
    {"feed_output": False},
    {"embedding_size": 3, "decoder_hidden_size": 5, "attention": "dot"},
]


@pytest.mark.parametrize("settings", ARCHITECTURES, ids=lambda s: "-".join(str(v) for v in s.values()))
def test_what_stands_in_the_padding_is_never_read(settings: dict) -> None:
    model = built(**settings)
    poisoned = torch.where(torch.arange(5) < LENGTHS[:, None], SOURCE, 8)
    assert not torch.equal(poisoned, SOURCE)
    scores = [
        score_sequences(model, model.encode(source, LENGTHS), TARGET, first=FIRST)
        for source in (SOURCE, poisoned)
    ]
    torch.testing.assert_close(scores[0], scores[1], rtol=0, atol=0)
    # a row alone, without any padding
    for row, length in enumerate(LENGTHS.tolist()):
        encoding = model.encode(SOURCE[row : row + 1, :length], LENGTHS[row : row + 1])
        alone = score_sequences(model, encoding, TARGET[row : row + 1], first=FIRST[:1])
        torch.testing.assert_close(alone[0], scores[0][row], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("settings", ARCHITECTURES, ids=lambda s: "-".join(str(v) for v in s.values()))
def test_a_sentence_without_a_token_can_be_read(settings: dict) -> None:
    model = built(**settings)
    scores = score_sequences(model, model.encode(SOURCE, torch.tensor([5, 0, 0])), TARGET, first=FIRST)
    assert scores.isfinite().all()
    scores.sum().backward()
    assert all(w.grad.isfinite().all() for w in model.parameters() if w.grad is not None)


def test_widths_come_from_the_settings() -> None:
    model = built(embedding_size=3, decoder_hidden_size=5, attention="dot")
    assert model.embedding.weight.shape == (9, 3)
    assert model.decoder.inputs[0].embedding.weight.shape == (11, 3)
    assert model.decoder.head.weight.shape == (11, 5)
    assert model.embedding.weight.shape != model.decoder.head.weight.shape


@pytest.mark.parametrize("width", [6, 3], ids=["as wide", "projected"])
def test_tied_weights_are_one_parameter(width: int) -> None:
    model = built(TokenShape(9, 11, tied=True), embedding_size=width)
    assert model.decoder.head.weight is model.decoder.inputs[0].embedding.weight
    names = [name for name, _ in model.named_parameters() if name.endswith("embedding.weight")]
    assert len(names) == 2  # of the source and of the target, the head's is the latter's
    apart = built(embedding_size=width)
    assert apart.decoder.head.weight is not apart.decoder.inputs[0].embedding.weight
