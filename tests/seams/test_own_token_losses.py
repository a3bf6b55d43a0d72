"""Losses of tokens and of token sequences written outside the library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from tsseq2seq import Network, Seq2SeqLanguageModel, Seq2SeqTranslator, Tokens, Training, load
from tsseq2seq.nn.losses import DecodedSequences, SequenceLoss, TokenLoss

SOURCES, TARGETS = ["abc", "bca", "cab", "ab"] * 3, ["cba", "acb", "bac", "ba"] * 3


@dataclass(frozen=True)
class Margin(TokenLoss):
    """How far the true token is not ahead of the best other one."""

    margin: float = 1.0

    def tokens(self, logits: Tensor, truth: Tensor, label_smoothing: float) -> Tensor:
        true = logits.gather(1, truth[:, None])
        others = logits.scatter(1, truth[:, None], -torch.inf)
        return (self.margin + others.amax(1) - true[:, 0]).clamp(min=0)


@dataclass(frozen=True)
class LengthOfSource(SequenceLoss):
    """The expected number of end tokens before the length of the source."""

    weight: float = 0.1

    def function(self, tokens: Tensor, offsets: Tensor, vocabulary: int):
        end = int(tokens[offsets[1] - 1])

        def loss(decoded: DecodedSequences) -> Tensor:
            place = torch.arange(decoded.target.shape[1])
            early = place < decoded.source_mask.sum(1, keepdim=True)
            return self.weight * decoded.logits.softmax(-1)[..., end][early].mean()

        return loss


@pytest.mark.parametrize(
    "output",
    [
        Tokens(loss=Margin(2.0)),
        Tokens(beside=[LengthOfSource(0.5), "monotonic"]),
        Tokens(loss=Margin(), beside=[LengthOfSource()]),
    ],
)
def test_a_loss_goes_all_the_way(output: Tokens, tmp_path) -> None:
    training = Training(max_steps=60, learning_rate=1e-2, progress=False, validation_size=2)
    model = Seq2SeqTranslator(
        network=Network(hidden_size=16, attention="dot"), output=output, training=training
    )
    model.fit(SOURCES, TARGETS)
    losses = model.history_["loss"]
    assert losses.iloc[-5:].mean() < losses.iloc[:5].mean()
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert loaded.output == output
    assert loaded.predict(SOURCES, max_length=6) == model.predict(SOURCES, max_length=6)


def test_a_language_model_takes_the_same_losses() -> None:
    training = Training(max_steps=10, progress=False)
    output = Tokens(loss=Margin(), beside=["transition"])
    model = Seq2SeqLanguageModel(network=Network(hidden_size=8), output=output, training=training).fit(
        TARGETS
    )
    assert np.isfinite(model.history_["loss"]).all()
