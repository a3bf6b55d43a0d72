"""Going on with a trained forecaster: what continues, what may change, and what is refused."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import NotFittedError

from tsseq2seq import Binned, Network, Normal, Point, Quantiles, Seq2SeqForecaster, Training, load
from tsseq2seq.errors import DataError, DataWarning, ParameterError, TsSeq2SeqError

HORIZON = 4


def frame(ids=("a", "b"), length: int = 60, seed: int = 0, freq: str = "D", kinds=None) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame({
            "unique_id": name,
            "ds": pd.date_range("2024-01-01", periods=length, freq=freq),
            "y": 10 + 3 * np.sin(2 * np.pi * np.arange(length) / 7) + 0.2 * rng.normal(size=length),
            "kind": name if kinds is None else kinds[place],
            "price": rng.normal(size=length),
        })
        for place, name in enumerate(ids)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


DF = frame()


def training_of(**settings) -> Training:
    defaults = {
        "max_steps": 30, "batch_size": 16, "learning_rate": 0.01, "progress": False, "precision": "float32",
    }  # fmt: skip
    return Training(**(defaults | settings))


def forecaster(**settings) -> Seq2SeqForecaster:
    network = settings.pop("network", {})
    training = settings.pop("training", {})
    options = {"context_length": 14, "segment_length": 1} | settings
    return Seq2SeqForecaster(
        HORIZON,
        network=Network(**({"hidden_size": 8} | network)),
        training=training_of(**training),
        **options,
    )


def weights(model: Seq2SeqForecaster, member: int = 0) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.fitted_.members[member].parameters()]).clone()


STILL = {"learning_rate": 1e-12, "weight_decay": 0.0, "max_steps": 3}


def test_it_continues_from_the_weights() -> None:
    model = forecaster(training={"max_steps": 300}).fit(DF)
    cold = model.history_["loss"].to_numpy()
    model.set_params(seed=5).fit(DF, warm_start=True)
    warm = model.history_["loss"].to_numpy()
    assert warm[:5].mean() < 1.3 * cold[-10:].mean()
    assert warm[:5].mean() < 0.6 * cold[:5].mean()


def test_without_a_learning_rate_all_weights_stay() -> None:
    model = forecaster(training={"members": 2}).fit(DF)
    before, forecast = [weights(model, member) for member in (0, 1)], model.predict()
    model.training = training_of(members=2, **STILL)
    model.fit(DF, warm_start=True)
    for member in (0, 1):
        torch.testing.assert_close(weights(model, member), before[member], atol=1e-9, rtol=0)
    np.testing.assert_allclose(model.predict()["Seq2Seq"], forecast["Seq2Seq"], atol=1e-5)


def test_the_model_before_is_not_trained_with_the_new_one() -> None:
    model = forecaster().fit(DF)
    old, before = model.fitted_, weights(model)
    model.fit(DF, warm_start=True)
    assert model.fitted_ is not old
    assert torch.equal(torch.cat([p.detach().flatten() for p in old.members[0].parameters()]), before)
    assert not torch.equal(weights(model), before)


def test_without_warm_start_it_begins_anew() -> None:
    one = forecaster().fit(DF)
    again = forecaster().fit(frame(seed=3)).fit(DF)
    assert torch.equal(weights(one), weights(again))


@pytest.mark.parametrize(
    "other",
    [frame(("c", "d", "e"), 45, seed=1), frame(("a",), 200, seed=2), frame(("b", "z"), 19)],
    ids=["other series", "a longer history", "short series"],
)
def test_it_is_fine_tuned_on_another_panel(other: pd.DataFrame) -> None:
    model = forecaster().fit(DF)
    shape = model.context_length_, model.segment_length_, model.season_length_, model.network_
    before = weights(model)
    model.training = training_of(**STILL)
    model.fit(other, warm_start=True)
    torch.testing.assert_close(weights(model), before, atol=1e-9, rtol=0)
    assert (model.context_length_, model.segment_length_, model.season_length_, model.network_) == shape
    assert model.fitted_.panel.ids.tolist() == list(dict.fromkeys(other["unique_id"]))
    assert len(model.predict()) == HORIZON * other["unique_id"].nunique()


def test_covariates_are_coded_as_before_and_a_new_category_is_the_unknown() -> None:
    settings = {"static_covariates": ["kind"], "past_covariates": ["price"]}
    model = forecaster(**settings).fit(DF)
    coders = model.fitted_.coders
    other = frame(("a", "c", "b"), kinds=("a", "never seen", "b")).assign(price=lambda df: 100 + df["price"])
    with pytest.warns(DataWarning, match="'kind' is 'never seen' in 1 rows"):
        model.fit(other, warm_start=True)
    assert model.fitted_.coders == coders
    assert model.fitted_.panel.static.codes[:, 0].tolist() == [1, 0, 2]
    assert model.fitted_.panel.past.numbers.mean() > 50, "numbers keep the scale of the first training"
    assert np.isfinite(model.predict()["Seq2Seq"]).all()


def test_what_training_leaves_open_is_chosen_for_the_new_panel() -> None:
    model = forecaster(training={"max_steps": 2, "batch_size": None}).fit(frame(length=60))
    assert model.training_.batch_size == 32
    model.training = training_of(max_steps=None, max_time=5, batch_size=None, optimizer="sgd")
    model.fit(frame(length=1500), warm_start=True)
    assert model.training_.batch_size == 128
    assert model.training_.optimizer == "sgd"
    assert model.training.batch_size is None


def test_the_width_of_attention_over_segments_stays() -> None:
    model = forecaster(segment_length=2, network={"hidden_size": 80, "attention": "additive"}).fit(DF)
    assert model.network_.attention_size == 64
    before = weights(model)
    model.set_params(training=training_of(**STILL)).fit(DF, warm_start=True)
    torch.testing.assert_close(weights(model), before)
    for changes, message in (
        ({"network__attention_size": 32}, r"attention_size=32.* fitted with .*attention_size=64"),
        ({"network__attention": None}, r"network is .* fitted with .*attention='additive'"),
    ):
        with pytest.raises(ParameterError, match=message):
            copy.copy(model).set_params(**changes).fit(DF, warm_start=True)


def test_edges_of_bins_stay() -> None:
    model = forecaster(output=Binned(bins=12)).fit(DF)
    edges = model.output_.edges
    model.fit(frame(seed=4).assign(y=lambda df: df["y"] ** 3), warm_start=True)
    assert model.output_.edges == edges


def test_a_calibration_is_forgotten() -> None:
    model = forecaster().fit(DF)
    model.calibrate(frame(("c", "d", "e", "f"), seed=7))
    assert model.conformal_ is not None
    assert model.fit(DF, warm_start=True).conformal_ is None


REFUSALS = {
    "horizon": ({"horizon": 5}, r"warm_start: horizon is 5, but the model was fitted with 4"),
    "context_length": ({"context_length": 7}, r"context_length is 7, but the model was fitted with 14"),
    "segment_length": ({"segment_length": 2}, r"segment_length is 2, but the model was fitted with 1"),
    "scaling": ({"scaling": "robust"}, r"scaling is 'robust', but the model was fitted with 'window'"),
    "calendar": ({"calendar": ["month"]}, r"calendar is Calendar\(.*month.*fitted with None"),
    "output": ({"output": Normal()}, r"output is Normal\(\), but the model was fitted with Point"),
    "loss": ({"output": Point("mse")}, r"output is Point\(loss='mse'\), but.*Point\(loss=None\)"),
    "width": ({"network__hidden_size": 9}, r"network is .*hidden_size=9.* fitted with .*hidden_size=8"),
    "cell": ({"network__cell": "gru"}, r"network is .*cell='gru'.* fitted with .*cell='lstm'"),
    "residual": ({"network__residual": None, "network__num_layers": 2}, r"network is .*num_layers=2"),
    "members": ({"training__members": 2}, r"training has members=2, but the model has 1"),
    "target": ({"target_col": "price"}, r"fitted with targets \['y'\], and now they are \['price'\]"),
    "past": ({"past_covariates": ["price"]}, r"fitted with past \[\], and now they are \['price'\]"),
    "future": ({"future_covariates": ["price"]}, r"fitted with future \[\], and now they are \['price'\]"),
    "static": ({"static_covariates": ["kind"]}, r"fitted with static \[\], and now they are \['kind'\]"),
}


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    return forecaster().fit(DF)


@pytest.mark.parametrize(("changes", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_shapes_the_networks_must_not_change(
    fitted: Seq2SeqForecaster, changes: dict, message: str
) -> None:
    model = copy.copy(fitted).set_params(**changes)
    before = dict(vars(model))
    with pytest.raises(ParameterError, match=message):
        model.fit(DF, warm_start=True)
    assert_untouched(model, before)


def assert_untouched(model: Seq2SeqForecaster, before: dict) -> None:
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[name] is before[name] for name in before), "left as it was"


def test_the_step_of_time_must_not_change(fitted: Seq2SeqForecaster) -> None:
    before = dict(vars(fitted))
    message = r"warm_start: the model was fitted on steps of 'D', and df has steps of '(h|1h)'"
    with pytest.raises(DataError, match=message):
        fitted.fit(frame(freq="h"), warm_start=True)
    assert_untouched(fitted, before)


@pytest.mark.parametrize(
    "df",
    [DF.assign(y=np.nan), DF.drop(columns="y"), pd.concat([DF, DF]), DF.assign(y="text")],
    ids=["nothing observed", "no target", "duplicates", "text"],
)
def test_a_frame_that_is_refused_leaves_the_estimator_as_it_was(
    fitted: Seq2SeqForecaster, df: pd.DataFrame
) -> None:
    before, forecast = dict(vars(fitted)), fitted.predict()
    with pytest.raises(TsSeq2SeqError):
        fitted.fit(df, warm_start=True)
    assert_untouched(fitted, before)
    pd.testing.assert_frame_equal(fitted.predict(), forecast, check_exact=True)


def test_a_training_that_is_interrupted_before_its_first_step_changes_nothing(
    fitted: Seq2SeqForecaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, own = dict(vars(fitted)), weights(fitted)

    def interrupt(*arguments, **options) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tsseq2seq.forecasting.objective.SeriesObjective.batch_loss", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fitted.fit(DF, warm_start=True)
    assert_untouched(fitted, before)
    assert torch.equal(weights(fitted), own)


def test_values_that_the_scaling_of_before_cannot_take_are_refused() -> None:
    """The scaling is left open now, so that of before goes on, and with it its conditions."""
    model = forecaster(scaling="log1p").fit(DF)
    model.scaling = None
    with pytest.raises(DataError, match="scaling is 'log1p', but series 'a' is -5 at"):
        model.fit(DF.assign(y=-5.0), warm_start=True)


def test_one_must_have_been_fitted() -> None:
    with pytest.raises(NotFittedError, match="not fitted yet"):
        forecaster().fit(DF, warm_start=True)


def test_a_sequence_may_be_written_as_a_list_or_as_a_tuple(tmp_path: Path) -> None:
    """A saved tuple comes back as a list."""
    model = forecaster(output=Quantiles(), calendar=("month", "day_of_week")).fit(DF)
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    loaded.set_params(output=Quantiles(), calendar=("month", "day_of_week")).fit(DF, warm_start=True)
    model.fit(DF, warm_start=True)
    assert torch.equal(weights(loaded), weights(model))


class TestTheOptimisersState:
    """It comes along if asked for, and then training goes on as if it had never stopped."""

    @staticmethod
    def steps_made(model: Seq2SeqForecaster) -> set[float]:
        (state,) = model.optimizer_states_
        return {float(entry["step"]) for entry in state["state"].values()}

    def test_it_counts_on_or_anew(self) -> None:
        model = forecaster().fit(DF)
        assert self.steps_made(model) == {30.0}
        other = copy.deepcopy(model)
        assert self.steps_made(model.fit(DF, warm_start=True, optimizer_state=True)) == {60.0}
        assert self.steps_made(other.fit(DF, warm_start=True)) == {30.0}

    def test_averages_go_on_from_where_they_were(self) -> None:
        """Of a loss that is the same to the bit, the first step differs by what the average remembers."""
        model = forecaster().fit(DF)
        (before,) = copy.deepcopy(model.optimizer_states_)
        model.training = training_of(max_steps=1, learning_rate=1e-12, weight_decay=0.0)
        twin = copy.deepcopy(model)
        model.fit(DF, warm_start=True, optimizer_state=True)
        twin.fit(DF, warm_start=True)
        for place, entry in before["state"].items():
            # exp_avg = β₁ exp_avg + (1 − β₁) gradient
            gradient = twin.optimizer_states_[0]["state"][place]["exp_avg"] / 0.1
            expected = 0.9 * entry["exp_avg"] + 0.1 * gradient
            found = model.optimizer_states_[0]["state"][place]["exp_avg"]
            torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-4)

    def test_it_needs_a_warm_start(self, fitted: Seq2SeqForecaster) -> None:
        with pytest.raises(ParameterError, match="optimizer_state is True without warm_start"):
            fitted.fit(DF, optimizer_state=True)

    @pytest.mark.parametrize("optimizer", ["adamw", "sgd", "rmsprop", torch.optim.RAdam], ids=str)
    def test_saved_with_it_training_goes_on_to_the_bit(self, optimizer, tmp_path: Path) -> None:
        model = forecaster(training={"optimizer": optimizer, "members": 2, "max_steps": 5}).fit(DF)
        model.save(tmp_path / "model", optimizer_state=True)
        loaded = load(tmp_path / "model")
        for each in (model, loaded):
            each.fit(DF, warm_start=True, optimizer_state=True)
        for member in (0, 1):
            assert torch.equal(weights(loaded, member), weights(model, member))

    def test_saved_without_it_only_a_fresh_optimiser_can_go_on(
        self, fitted: Seq2SeqForecaster, tmp_path: Path
    ) -> None:
        fitted.save(tmp_path / "model")
        loaded = load(tmp_path / "model")
        before = dict(vars(loaded))
        message = "saved without the optimiser's state; save it with optimizer_state=True"
        with pytest.raises(ParameterError, match=message):
            loaded.fit(DF, warm_start=True, optimizer_state=True)
        assert_untouched(loaded, before)
        again = copy.deepcopy(fitted).fit(DF, warm_start=True)
        assert torch.equal(weights(loaded.fit(DF, warm_start=True)), weights(again))

    def test_it_makes_the_folder_larger(self, fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
        fitted.save(tmp_path / "without")
        fitted.save(tmp_path / "with", optimizer_state=True)
        sizes = [(tmp_path / name / "tensors.safetensors").stat().st_size for name in ("without", "with")]
        assert sizes[1] > sizes[0] + 2 * 4 * len(weights(fitted))

    def test_another_optimiser_cannot_take_it(self, fitted: Seq2SeqForecaster) -> None:
        model = copy.copy(fitted).set_params(training__optimizer="sgd")
        before = dict(vars(model))
        message = r"optimizer is 'sgd', but the state is of 'adamw'"
        with pytest.raises(ParameterError, match=message):
            model.fit(DF, warm_start=True, optimizer_state=True)
        assert_untouched(model, before)

    def test_new_settings_of_the_optimiser_hold(self) -> None:
        model = forecaster(training={"weight_decay": 0.0}).fit(DF)
        model.set_params(training__weight_decay=0.3).fit(DF, warm_start=True, optimizer_state=True)
        (state,) = model.optimizer_states_
        assert state["param_groups"][0]["weight_decay"] == 0.3
