"""Freezing: what is frozen keeps its bits, the rest is trained; names that are none are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from tsseq2seq import Network, Seq2SeqForecaster, Seq2SeqTranslator, Tokens, Training
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.training.freezing import frozen, part_names

SOURCES, TARGETS = ["abc", "bca", "cab", "ab"] * 3, ["cba", "acb", "bac", "ba"] * 3
FRAME = pd.DataFrame(
    {"ds": pd.date_range("2024-01-01", periods=90), "y": np.sin(np.arange(90)) + np.arange(90) / 50}
)


def weights(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: weight.detach().clone() for name, weight in module.named_parameters()}


def forecaster(**training) -> Seq2SeqForecaster:
    settings = {"max_steps": 5, "progress": False} | training
    network = Network(hidden_size=8, attention="dot", residual=None)
    return Seq2SeqForecaster(7, network=network, training=Training(**settings), season_length=7, seed=0)


@pytest.mark.parametrize(
    "parts", [["encoder"], ["decoder"], ("encoder", "decoder.head"), ["decoder.attention"]]
)
def test_frozen_parts_keep_their_bits_in_fine_tuning(parts) -> None:
    model = forecaster().fit(FRAME)
    before = weights(model.fitted_.members[0])
    frozen_names = {name for part in parts for name in part_names(model.fitted_.members[0]).get(part, [])}
    if parts == ["decoder.attention"]:
        with pytest.raises(
            ParameterError, match=r"freeze has 'decoder.attention'.*'encoder'.*'decoder.head'"
        ):
            model.set_params(training__freeze=parts).fit(FRAME, warm_start=True)
        return  # the dot product has no weights
    assert frozen_names
    model.set_params(training__freeze=parts).fit(FRAME, warm_start=True)
    after = weights(model.fitted_.members[0])
    for name, weight in after.items():
        assert torch.equal(weight, before[name]) == (name in frozen_names), name
    assert all(weight.requires_grad for weight in model.fitted_.members[0].parameters())


def test_a_shared_weight_is_frozen_under_each_of_its_names() -> None:
    training = Training(max_steps=4, progress=False, freeze=["decoder.head"])
    network = Network(hidden_size=8, attention="dot")
    settings = {"network": network, "output": Tokens(tied=True), "seed": 0}
    found = Seq2SeqTranslator(training=training, **settings).fit(SOURCES, TARGETS).fitted_.members[0]
    other = Seq2SeqTranslator(
        training=Training(max_steps=9, progress=False, freeze=["decoder.head"]), **settings
    )
    again = other.fit(SOURCES, TARGETS).fitted_.members[0]
    assert found.head.weight is found.target_embedding.weight
    assert torch.equal(found.head.weight, again.head.weight)
    assert not torch.equal(found.source_embedding.weight, again.source_embedding.weight)


def test_members_averages_and_validation_go_on_with_frozen_parts() -> None:
    model = forecaster(members=2, ema=0.9, validation_size=7, freeze=["encoder"]).fit(FRAME)
    assert np.isfinite(model.predict()["Seq2Seq"]).all()
    assert np.isfinite(model.history_["validation_error"].dropna()).all()


def test_gradients_are_back_after_an_error() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    seen = []

    def stop() -> None:
        with frozen(module, ["0"]):
            seen.extend(weight.requires_grad for weight in module.parameters())
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        stop()
    assert seen == [False, False, True, True]
    assert all(weight.requires_grad for weight in module.parameters())


def test_what_was_frozen_before_stays_so() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    module[0].bias.requires_grad_(False)
    with frozen(module, ["0"]):
        pass
    assert [weight.requires_grad for weight in module.parameters()] == [True, False, True, True]


@pytest.mark.parametrize(
    ("freeze", "message"),
    [
        (["encodr"], r"freeze has 'encodr', which is no part.*'encoder', .*'decoder'"),
        (["network"], r"freeze has 'network'"),
        (["encoder", "decoder", "bridge", "context", "embedding"], r"freeze (has|is)"),
    ],
)
def test_what_is_no_part_is_refused(freeze: list[str], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        forecaster(freeze=freeze).fit(FRAME)


def test_nothing_left_to_train_is_refused() -> None:
    module = nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(ParameterError, match="leaves nothing to train"), frozen(module, ["0"]):
        pass
    assert all(weight.requires_grad for weight in module.parameters())


@pytest.mark.parametrize("freeze", ["encoder", 3, {"encoder"}])
def test_the_setting_is_a_list(freeze, unchecked_types) -> None:
    with pytest.raises(ParameterTypeError, match=r"freeze is .*; it must be a list"):
        Training(freeze=freeze)


def test_an_optimisers_state_of_other_weights_is_refused() -> None:
    model = forecaster().fit(FRAME)
    model.set_params(training__freeze=["encoder"])
    with pytest.raises(ParameterError, match=r"freeze is \['encoder'\], but the optimizer_state"):
        model.fit(FRAME, warm_start=True, optimizer_state=True)
    model.fit(FRAME, warm_start=True).fit(FRAME, warm_start=True, optimizer_state=True)
