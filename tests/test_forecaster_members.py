"""Ensembles, moving averages, warm starts: one model, made of more than one training."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Binned, Network, Normal, Point, Quantiles, Seq2SeqForecaster, Training, load
from tsseq2seq.errors import DataWarning
from tsseq2seq.training.members import _SEED_STEP

HORIZON = 4


def training(steps: int | None = 4, **settings: Any) -> Training:
    return Training(**({"max_steps": steps, "progress": False, "precision": "float32"} | settings))


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    defaults = {
        "network": Network(hidden_size=6),
        "training": training(),
        "context_length": 10,
        "segment_length": 1,
    }
    return Seq2SeqForecaster(HORIZON, **(defaults | settings))


def panel(lengths: dict[str, int], seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": np.arange(length), "y": rng.normal(size=length).cumsum() + 20})
        for name, length in lengths.items()
    ]
    return pd.concat(parts, ignore_index=True)


DF = panel({"a": 50, "b": 40})


class TestMembers:
    @pytest.mark.parametrize("output", [Point(), Quantiles([0.1, 0.5, 0.9])], ids=lambda o: type(o).__name__)
    @pytest.mark.parametrize("members", [2, 3])
    def test_the_forecast_is_the_median_of_single_models(self, output: Any, members: int) -> None:
        """The first member is the single model of the same seed; the others are of seeds of their own."""
        ensemble = forecaster(output=output, training=training(members=members)).fit(DF)
        singles = [
            forecaster(output=output, seed=place * _SEED_STEP).fit(DF).predict() for place in range(members)
        ]
        columns = [name for name in singles[0] if name.startswith("Seq2Seq")]
        expected = np.median([frame[columns] for frame in singles], axis=0)
        np.testing.assert_allclose(ensemble.predict()[columns], expected, rtol=1e-6)

    def test_paths_come_from_each_in_turn(self) -> None:
        model = forecaster(output=Normal(), training=training(members=3)).fit(DF)
        assert len(model.sample(num_samples=7)) == 2 * 7 * HORIZON
        assert len(model.sample(num_samples=1)) == 2 * HORIZON
        first = copy.deepcopy(model)
        first.fitted_ = type(first.fitted_)(**(vars(first.fitted_) | {"members": first.fitted_.members[:1]}))
        whole = model.sample(num_samples=6).set_index("sample")["Seq2Seq"]
        alone = first.sample(num_samples=2).set_index("sample")["Seq2Seq"]
        np.testing.assert_allclose(whole.loc[[0, 1]], alone.loc[[0, 1]], rtol=1e-6)

    def test_history_tells_members_apart(self) -> None:
        model = forecaster(training=training(3, members=2)).fit(DF)
        assert model.history_["member"].tolist() == [0, 0, 0, 1, 1, 1]
        assert model.history_["step"].tolist() == [1, 2, 3] * 2
        assert "member" not in forecaster().fit(DF).history_
        assert model.n_steps_ == 3

    @pytest.mark.parametrize("output", [Point(), Binned(bins=8)], ids=lambda o: type(o).__name__)
    def test_they_are_saved_and_loaded_as_one(self, tmp_path: Path, output: Any) -> None:
        settings = training(members=3, ema=0.5)
        model = forecaster(output=output, training=settings).fit(DF)
        model.save(tmp_path / "model")
        loaded = load(tmp_path / "model")
        assert len(loaded.fitted_.members) == 3
        assert loaded.training == settings
        pd.testing.assert_frame_equal(loaded.predict(), model.predict(), check_exact=True)

    def test_the_time_given_is_for_all(self) -> None:
        settings = training(None, max_time=2.4, members=3)
        begun = time.monotonic()
        model = forecaster(training=settings).fit(DF)
        assert time.monotonic() - begun < 4.5
        seconds = model.history_.groupby("member")["seconds"].max()
        assert len(seconds) == 3
        assert model.n_steps_ >= 1

    def test_another_order_of_random_numbers_outside_changes_nothing(self) -> None:
        settings = training(members=2)
        one = forecaster(training=settings).fit(DF).predict()
        torch.rand(5)
        pd.testing.assert_frame_equal(forecaster(training=settings).fit(DF).predict(), one, check_exact=True)

    def test_a_moving_average_of_weights_replaces_them(self) -> None:
        plain, averaged = (forecaster(training=training(30, ema=ema)).fit(DF) for ema in (None, 0.9))
        assert not plain.predict()["Seq2Seq"].equals(averaged.predict()["Seq2Seq"])


class TestWarmStart:
    def test_it_goes_on_from_the_weights(self) -> None:
        """With a vanishing learning rate the model stays; anew it would not be the same."""
        model = forecaster(training=training(40, learning_rate=0.02)).fit(DF)
        before = model.predict()
        model.set_params(training__learning_rate=1e-12, training__max_steps=2, training__weight_decay=0.0)
        after = model.fit(DF, warm_start=True).predict()
        np.testing.assert_allclose(after["Seq2Seq"], before["Seq2Seq"], rtol=1e-5)
        anew = model.fit(DF).predict()
        assert not np.allclose(anew["Seq2Seq"], before["Seq2Seq"], rtol=1e-3)

    def test_on_another_panel_it_is_fine_tuned(self) -> None:
        """It forecasts the new panel better than training anew for as many steps."""

        def sines(phase: float, name: str) -> pd.DataFrame:
            steps = np.arange(120)
            return pd.DataFrame({"unique_id": name, "ds": steps, "y": np.sin(2 * np.pi * steps / 9 + phase)})

        settings = training(150, learning_rate=0.01)
        network = Network(hidden_size=16, residual=None)
        model = forecaster(network=network, training=settings, context_length=18).fit(sines(0.0, "old"))
        new = sines(1.0, "new")
        few = training(5, learning_rate=0.003)
        tuned = model.set_params(training=few).fit(new[:116], warm_start=True)
        assert tuned.predict()["unique_id"].unique().tolist() == ["new"]
        anew = forecaster(network=network, training=few, context_length=18).fit(new[:116])
        truth = new["y"][116:].to_numpy()
        errors = [np.abs(m.predict()["Seq2Seq"].to_numpy() - truth).mean() for m in (tuned, anew)]
        assert errors[0] < errors[1] / 2

    def test_the_optimisers_state_comes_along_or_not(self) -> None:
        model = forecaster(training=training(10)).fit(DF)
        goes_on, begins = copy.deepcopy(model), copy.deepcopy(model)
        goes_on.fit(DF, warm_start=True, optimizer_state=True)
        begins.fit(DF, warm_start=True)
        assert not goes_on.predict()["Seq2Seq"].equals(begins.predict()["Seq2Seq"])
        steps = [next(iter(m.optimizer_states_[0]["state"].values()))["step"] for m in (goes_on, begins)]
        assert [int(step) for step in steps] == [20, 10]

    def test_settings_of_the_new_training_count_with_the_old_state(self) -> None:
        model = forecaster(training=training(5, optimizer="sgd", weight_decay=0.0, learning_rate=1e-9)).fit(
            DF
        )
        norm = sum(float(w.detach().square().sum()) for w in model.fitted_.members[0].parameters())
        model.set_params(training__weight_decay=5.0, training__learning_rate=0.1, training__max_steps=20)
        model.fit(DF, warm_start=True, optimizer_state=True)
        now = sum(float(w.detach().square().sum()) for w in model.fitted_.members[0].parameters())
        assert now < 0.1 * norm

    def test_each_member_goes_on_with_its_own(self) -> None:
        model = forecaster(training=training(members=2)).fit(DF)
        before = [next(m.parameters()).detach().clone() for m in model.fitted_.members]
        model.set_params(training__learning_rate=1e-12, training__weight_decay=0.0).fit(DF, warm_start=True)
        for one, member in zip(before, model.fitted_.members, strict=True):
            torch.testing.assert_close(next(member.parameters()), one)

    @pytest.mark.filterwarnings("ignore:the loss was")
    def test_a_refused_or_failed_one_leaves_the_model(self) -> None:
        model = forecaster().fit(DF)
        before = model.predict()
        with pytest.raises(ValueError, match="finite"):
            model.fit(DF.assign(y=np.inf), warm_start=True)
        model.set_params(training=training(20, learning_rate=1e38, optimizer="sgd", warmup=0))
        with pytest.raises(RuntimeError, match="loss is"):
            model.fit(DF, warm_start=True)
        pd.testing.assert_frame_equal(model.predict(), before, check_exact=True)

    def test_new_categories_are_the_unknown_one(self) -> None:
        model = forecaster(static_covariates=["shop"]).fit(DF.assign(shop=DF["unique_id"]))
        other = panel({"c": 40}).assign(shop="never seen")
        with pytest.warns(DataWarning, match="'never seen' in 1 rows"):
            model.fit(other, warm_start=True)
        assert np.isfinite(model.predict()["Seq2Seq"]).all()
        assert model.fitted_.coders.static.categories == (("a", "b"),)

    def test_bins_keep_their_edges(self) -> None:
        model = forecaster(output=Binned(bins=8)).fit(DF)
        edges = model.output_.edges
        assert len(edges) == 9
        assert model.fit(panel({"x": 40}, seed=5), warm_start=True).output_.edges == edges
        assert model.output.edges is None
