"""Scenarios: their probabilities by stepping the networks once more, one series and path at a time."""

from __future__ import annotations

import itertools
import types

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Binned, Network, Point, Seq2SeqForecaster, Training
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting import scenarios as series_scenarios
from tsseq2seq.forecasting.scenarios import check_scenarios, search_scenarios
from tsseq2seq.nn.outputs import Output

IDS = ("a", "b", "c")
SETTINGS = {
    "plain": {"network": Network(hidden_size=5, residual=None)},
    "season": {"network": Network(hidden_size=5, attention="dot")},
    "value": {"network": Network(hidden_size=5, residual="value", attention="additive", input_feeding=True)},
    "members": {"network": Network(hidden_size=5), "training": {"members": 3}},
    "series": {"network": Network(hidden_size=5), "scaling": "series"},
}


def frame(length: int = 40) -> pd.DataFrame:
    """Series with a season of four steps, which integers do not tell."""
    rng, ds = np.random.default_rng(0), np.arange(length)
    parts = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": ds,
                "y": 50 + rng.normal(size=length).cumsum() + 4 * np.sin(ds * np.pi / 2),
            }
        )
        for name in IDS
    ]
    return pd.concat(parts, ignore_index=True)


def fitted(name: str = "plain", *, horizon: int = 2, bins: int = 3, steps: int = 6) -> Seq2SeqForecaster:
    settings = dict(SETTINGS[name])
    training = {"max_steps": steps, "progress": False, "precision": "float32", "learning_rate": 0.05}
    return Seq2SeqForecaster(
        horizon,
        context_length=9,
        output=Binned(bins=bins),
        training=Training(**(training | settings.pop("training", {}))),
        **({"scaling": "window"} | settings),
    ).fit(frame())


def searched(
    model: Seq2SeqForecaster, count: int, *, horizon: int = 2, seed: int | None = None
) -> types.SimpleNamespace:
    windows = model.fitted_.forecast_windows(model.fitted_.panel, None, horizon)
    values, scores = search_scenarios(model.fitted_.members, windows, count=count, seed=seed)
    return types.SimpleNamespace(windows=windows, values=values, scores=scores)


def tokens_of(model: Seq2SeqForecaster, found: types.SimpleNamespace, row: int) -> list[tuple[int, ...]]:
    """Return the bins of the scenarios of a series, from their values in original units."""
    past = frame().query("unique_id == @IDS[@row]")["y"].to_numpy()
    past = past if model.scaling == "series" else past[-9:]
    edges = np.array(model.output_.edges)
    centres = (edges[1:] + edges[:-1]) / 2
    scaled = (found.values[row] - past.mean()) / past.std()
    bins = np.abs(scaled[..., None] - centres).argmin(-1)
    np.testing.assert_allclose(scaled, centres[bins], rtol=1e-4, atol=1e-4)
    return [tuple(path) for path in bins.tolist()]


@torch.no_grad()
def log_probability(model: Seq2SeqForecaster, windows, row: int, bins: tuple[int, ...]) -> float:
    """Step each member along the bins' centres; the mean of their probabilities counts."""
    edges = model.output_.edges
    probabilities = []
    for member in model.fitted_.members:
        inputs = member.prepare(member.scaled(windows.gather(torch.tensor([row]))))
        network = member.network
        state, memory = network.start(network.encode(inputs.segments, inputs.lengths, inputs.covariates))
        previous, steps = inputs.first, []
        for t, place in enumerate(bins):
            output, state, _ = network.step(previous, t, state, memory)
            steps.append(output.flatten().exp()[place].item())
            centre = (edges[place] + edges[place + 1]) / 2
            previous = torch.tensor([[[centre, 1.0]]])
        probabilities.append(steps)
    return float(np.log(np.mean(probabilities, axis=0)).sum())


@pytest.mark.parametrize("seed", [None, 1], ids=["searched", "diverse"])
@pytest.mark.parametrize("name", SETTINGS)
def test_probabilities_are_those_of_rescoring(name: str, seed: int | None) -> None:
    model = fitted(name, bins=6, horizon=3)
    found = searched(model, 5, horizon=3, seed=seed)
    assert found.values.shape == (3, 5, 3)
    assert found.scores.shape == (3, 5)
    for row in range(3):
        paths = tokens_of(model, found, row)
        assert len(set(paths)) == 5
        expected = [log_probability(model, found.windows, row, bins) for bins in paths]
        np.testing.assert_allclose(found.scores[row], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", SETTINGS)
def test_all_paths_of_two_steps_sum_to_one(name: str) -> None:
    model = fitted(name)
    found = searched(model, 9)
    np.testing.assert_allclose(np.exp(found.scores).sum(1), 1.0, rtol=1e-5)
    for row in range(3):
        paths = tokens_of(model, found, row)
        scored = {
            bins: log_probability(model, found.windows, row, bins)
            for bins in itertools.product(range(3), repeat=2)
        }
        assert set(paths) == set(scored)
        np.testing.assert_allclose(
            found.scores[row], sorted(scored.values(), reverse=True), rtol=1e-3, atol=1e-4
        )


def test_there_are_no_more_than_all() -> None:
    found = searched(fitted(), 50)
    assert found.values.shape == (3, 9, 2)
    np.testing.assert_allclose(np.exp(found.scores).sum(1), 1.0, rtol=1e-5)


def test_the_best_come_first_and_few_are_the_first_of_many() -> None:
    model = fitted(bins=5, horizon=2)
    many, few = searched(model, 12), searched(model, 4)
    assert (np.diff(many.scores, axis=1) <= 0).all()
    np.testing.assert_allclose(few.scores, many.scores[:, :4], rtol=1e-5)
    np.testing.assert_allclose(few.values, many.values[:, :4], rtol=1e-6)


def test_a_sample_is_without_replacement_and_by_its_seed() -> None:
    model = fitted(bins=8, horizon=3)
    one, again, other = (searched(model, 6, horizon=3, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.values, again.values)
    assert not np.array_equal(one.values, other.values)
    for row in range(3):
        assert len(set(tokens_of(model, one, row))) == 6
    assert (one.scores.sum(1) < searched(model, 6, horizon=3).scores.sum(1)).any(), "not only the likeliest"


def test_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted("season", bins=6)
    assert model.season_length_ == 4, "the residual looks four steps back"
    together = searched(model, 5)
    monkeypatch.setattr(series_scenarios, "_CHUNK", 1)
    each = searched(model, 5)
    np.testing.assert_allclose(each.scores, together.scores, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(each.values, together.values, rtol=1e-6)


class TestRefusals:
    def model(self, output: Output, **network) -> Seq2SeqForecaster:
        training = Training(max_steps=1, progress=False, precision="float32")
        return Seq2SeqForecaster(
            2,
            context_length=9,
            segment_length=1,
            output=output,
            network=Network(hidden_size=4, **network),
            training=training,
        ).fit(frame())

    def test_another_output(self) -> None:
        with pytest.raises(ParameterError, match=r"the output is Point.*fit with output=Binned\(\)"):
            check_scenarios(self.model(Point()).fitted_.members, 1)

    def test_parallel_decoding(self) -> None:
        members = self.model(Binned(bins=4), decoding="parallel").fitted_.members
        with pytest.raises(ParameterError, match="decoding is parallel, so that no step knows of another"):
            check_scenarios(members, 1)

    def test_several_targets(self) -> None:
        with pytest.raises(ParameterError, match="the model has 2 targets; one can be searched"):
            check_scenarios(fitted().fitted_.members, 2)

    def test_what_is_given_back(self) -> None:
        model = fitted()
        assert check_scenarios(model.fitted_.members, 1) == model.output_
