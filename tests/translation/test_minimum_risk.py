"""Minimum risk: the loss by hand, its gradient's direction, and training by it."""

from __future__ import annotations

import math

import pytest
import torch

from tsseq2seq import MinimumRisk, Network, Seq2SeqTranslator, Tokens, Training
from tsseq2seq.data.text.edit_distance import edit_distance
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.vocabulary import EOS
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.translation import minimum_risk
from tsseq2seq.translation.minimum_risk import minimum_risk_loss
from tsseq2seq.translation.model import TokenModel
from tsseq2seq.translation.network import TokenShape, build_translator
from tsseq2seq.translation.objective import TokenObjective

PAIRS = TokenPairs(
    TokenSequences.of([[4, 5], [5], [4, 4, 5]]), TokenSequences.of([[4, 5], [6], [5, 4, 6]], end=EOS)
)
BATCH = PAIRS.batch(torch.arange(3))


def model_of(**network) -> TokenModel:
    torch.manual_seed(0)
    settings = Network(hidden_size=6, residual=None, **{"attention": "dot"} | network)
    return (
        TokenModel(build_translator(settings, TokenShape(8, 8)), Tokens(label_smoothing=0.0)).double().eval()
    )


def text(tokens: list[int]) -> str:
    return " ".join(map(str, tokens))


@pytest.mark.parametrize("sharpness", [0.3, 1.0])
@pytest.mark.parametrize(
    "cost", ["edit_distance", lambda found, truth: float(found != truth)], ids=["edits", "wrong"]
)
@pytest.mark.parametrize("network", [{}, {"input_feeding": True}], ids=["fused", "fed"])
def test_the_loss_is_the_expected_cost_of_what_was_drawn(network, cost, sharpness: float) -> None:
    model = model_of(**network)
    settings = MinimumRisk(cost=cost, candidates=5, sharpness=sharpness)
    ours = minimum_risk_loss(model, BATCH, settings, decode=text, generator=torch.Generator().manual_seed(1))
    drawn = minimum_risk._sample_candidates(model, BATCH, 5, torch.Generator().manual_seed(1))
    risks = []
    for row, candidates in enumerate(drawn):
        source, truth = PAIRS.sources[row], PAIRS.targets[row]
        assert candidates[0] == tuple(truth)
        assert len(set(candidates)) == len(candidates) <= 6
        weights, costs = [], []
        for tokens in candidates:
            alone = TokenPairs(TokenSequences.of([source]), TokenSequences.of([list(tokens)]))
            weights.append(math.exp(sharpness * model.score(alone.batch(torch.tensor([0]))).sum().item()))
            written = [token for token in tokens if token != EOS]
            wanted = truth[:-1]
            if cost == "edit_distance":
                costs.append(edit_distance(written, wanted) / len(wanted))
            else:
                costs.append(cost(text(written), text(wanted)))
        risks.append(sum(w * c for w, c in zip(weights, costs, strict=True)) / sum(weights))
    assert ours.item() == pytest.approx(sum(risks) / len(risks), rel=1e-6)  # the head gives float32


def test_its_gradient_makes_the_truth_likelier() -> None:
    model = model_of()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    generator = torch.Generator().manual_seed(0)
    before = model.score(BATCH).sum().item()
    for _ in range(15):
        loss = minimum_risk_loss(model, BATCH, MinimumRisk(candidates=6), decode=text, generator=generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert model.score(BATCH).sum().item() > before + 0.5


def test_drawing_is_without_dropout_and_leaves_the_mode_as_it_was() -> None:
    model = model_of(dropout=0.5).train()
    modes = []
    step = model.network.step
    model.network.step = lambda *args: modes.append(model.training) or step(*args)
    minimum_risk._sample_candidates(model, BATCH, 2, torch.Generator().manual_seed(0))
    assert set(modes) == {False}
    assert model.training


@pytest.mark.parametrize(("share", "first"), [(0.0, 10), (0.3, 7), (1.0, 0)])
def test_it_comes_in_the_last_share_of_the_steps(monkeypatch, share: float, first: int) -> None:
    seen: list[int] = []
    monkeypatch.setattr(
        "tsseq2seq.translation.objective.minimum_risk_loss",
        lambda *_, **__: seen.append(1) or torch.tensor(2.0),
    )
    model = model_of().float()
    risk = MinimumRisk(share=share, cross_entropy=0.5)
    objective = TokenObjective(model, PAIRS, None, Training(batch_size=3), seed=0, risk=risk)
    plain = TokenObjective(model, PAIRS, None, Training(batch_size=3), seed=0)
    for step in range(10):
        count = len(seen)
        ours, likelihood = objective.batch_loss(step, 10), plain.batch_loss(step, 10)
        drawn = len(seen) > count
        assert drawn == (step >= first)
        expected = 2 + 0.5 * likelihood if drawn else likelihood
        torch.testing.assert_close(ours, expected)


def test_the_risk_alone_teaches_on() -> None:
    """Digits written in words: after the first steps there is no cross-entropy, and the truth grows likelier."""
    digits = ["zero", "one", "two", "three", "four", "five", "six", "seven"]
    sources = [f"{one}{two}" for one in range(8) for two in range(2)]
    targets = [f"{digits[one]} {digits[two]}" for one in range(8) for two in range(2)]
    settings = {
        "network": Network(hidden_size=24, attention="dot"),
        "training": Training(max_steps=50, batch_size=16, progress=False),
    }
    seen: list[tuple[str, str]] = []

    def cost(found: str, truth: str) -> float:
        seen.append((found, truth))
        return float(found != truth)

    risk = MinimumRisk(cost=cost, share=0.4, cross_entropy=0.0)
    ours = Seq2SeqTranslator("char", **settings, minimum_risk=risk).fit(sources, targets)
    half = Seq2SeqTranslator(
        "char", network=settings["network"], training=Training(max_steps=30, batch_size=16, progress=False)
    ).fit(sources, targets)
    assert {truth for _, truth in seen} <= set(targets)
    assert ours.score_pairs(sources, targets).mean() > half.score_pairs(sources, targets).mean()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"cost": "bleu"}, ParameterError, "cost is 'bleu'"),
        ({"cost": 3}, ParameterTypeError, "cost is 3; it must be 'edit_distance' or a function of two texts"),
        ({"share": 1.5}, ParameterError, "share is 1.5"),
        ({"candidates": 0}, ParameterError, "candidates is 0"),
        ({"sharpness": 0}, ParameterError, "sharpness is 0"),
        ({"cross_entropy": -1}, ParameterError, "cross_entropy is -1"),
    ],
    ids=["unknown", "number", "share", "candidates", "sharpness", "weight"],
)
@pytest.mark.usefixtures("unchecked_types")
def test_bad_settings(settings, error, message) -> None:
    with pytest.raises(error, match=message):
        MinimumRisk(**settings)
