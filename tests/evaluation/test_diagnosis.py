"""What a diagnosis says of a frame, counted by hand; and that looking changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import (
    Binned,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
)
from tsseq2seq.errors import DataError, FrequencyError, ParameterError


def training(steps: int | None = 10, **settings: Any) -> Training:
    return Training(**({"max_steps": steps, "progress": False, "precision": "float32"} | settings))


def forecaster(horizon: int = 4, **settings: Any) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(
        horizon, **({"network": Network(hidden_size=6), "training": training()} | settings)
    )


def untidy() -> pd.DataFrame:
    """Four series: a season, gaps in time and missing values, a constant, and a single observation."""
    days = pd.date_range("2024-01-01", periods=70, freq="D")
    rng = np.random.default_rng(0)
    wave = np.sin(2 * np.pi * np.arange(70) / 7) + 0.05 * rng.normal(size=70)
    parts = [
        pd.DataFrame({"unique_id": "wave", "ds": days, "y": wave}),
        pd.DataFrame({"unique_id": "holes", "ds": days, "y": wave}).drop(index=[3, 4, 20, 21, 22]),
        pd.DataFrame({"unique_id": "flat", "ds": days[:31], "y": 4.5}),
        pd.DataFrame({"unique_id": "one", "ds": days[:1], "y": 1.0}),
    ]
    df = pd.concat(parts, ignore_index=True)
    df.loc[[10, 11, 80], "y"] = np.nan
    return df


class TestCounts:
    def test_they_are_those_of_pandas(self) -> None:
        df = untidy()
        found = forecaster(context_length=14).diagnose(df)
        spans = {
            name: (part["ds"].max() - part["ds"].min()).days + 1 for name, part in df.groupby("unique_id")
        }
        full = sum(spans.values())
        assert found.series == 4
        assert found.steps == full == 172
        assert (found.shortest, found.longest) == (1, 70)
        assert found.median == int(np.median(list(spans.values()))) == 50
        assert found.gaps == full - len(df) == 5
        assert found.missing == full - int(df["y"].notna().sum()) == 8
        assert found.constant == 2, "the flat one, and the one of a single observation"
        assert found.short == sum(span < 14 + 4 for span in spans.values()) == 1
        assert found.frequency == "D"
        assert found.seasons[0] == 7
        assert (found.context_length, found.horizon) == (14, 4)

    def test_the_choices_are_those_of_fit(self) -> None:
        df = untidy()
        model = forecaster(7)
        found = model.diagnose(df)
        model.fit(df)
        assert found.context_length == model.context_length_
        assert found.segment_length == model.segment_length_ == 7
        assert found.scaling == model.scaling_
        assert found.gradient_steps == model.n_steps_ == 10
        weights = sum(weight.numel() for weight in model.fitted_.members[0].parameters())
        assert found.parameters == weights

    def test_nothing_that_is_held_out_decides(self) -> None:
        """As in ``fit``: a season that begins in what is held out is not known."""
        y = np.r_[np.random.default_rng(0).normal(size=40), 50 * np.sin(np.arange(60) * 2 * np.pi / 7)]
        df = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=100), "y": y})
        model = forecaster(7, training=training(2, validation_size=60))
        found = model.diagnose(df)
        model.fit(df)
        assert found.context_length == model.context_length_
        assert found.segment_length == model.segment_length_
        assert model.season_length_ is None
        assert found.parameters == sum(w.numel() for w in model.fitted_.members[0].parameters())

    def test_windows_are_counted_by_hand(self) -> None:
        df = pd.DataFrame({"ds": np.arange(50), "y": np.arange(50.0) % 5})
        assert forecaster(context_length=10).diagnose(df).windows == 50 - 10 - 4 + 1
        held_out = training(validation_size=8)
        assert forecaster(context_length=10, training=held_out).diagnose(df).windows == 42 - 10 - 4 + 1

    def test_several_targets(self) -> None:
        df = untidy().assign(z=1.0)
        found = forecaster(target_col=["y", "z"]).diagnose(df)
        assert found.missing == 8 + 5, "of both targets in the gaps, of one elsewhere"
        assert found.constant == 2

    def test_defaults_are_diagnosed_with_their_steps(self) -> None:
        found = forecaster(training=training(None)).diagnose(untidy())
        assert found.gradient_steps == 300

    @pytest.mark.parametrize("kind", ["wide", "indexed", "series", "array", "polars"])
    def test_any_frame(self, kind: str) -> None:
        df = untidy()
        wave = df[df["unique_id"] == "wave"]
        given: Any = wave.set_index("ds")["y"]
        steps = 70
        if kind == "wide":
            given, steps = df.pivot(index="ds", columns="unique_id", values="y"), 280  # noqa: PD010
        elif kind == "indexed":
            given, steps = df.set_index(["unique_id", "ds"]), 172
        elif kind == "array":
            given = wave["y"].to_numpy()
        elif kind == "polars":
            given, steps = pytest.importorskip("polars").from_pandas(df), 172
        assert forecaster().diagnose(given).steps == steps


class TestCosts:
    @pytest.mark.parametrize(
        "output",
        [Point(), Quantiles(), Normal(), StudentT(), NegativeBinomial(), Binned(bins=9)],
        ids=lambda output: type(output).__name__,
    )
    def test_time_and_memory_are_positive(self, output: Any) -> None:
        df = untidy().assign(y=lambda df: df["y"].abs().round())
        found = forecaster(output=output).diagnose(df)
        assert found.seconds > 0
        assert found.memory > 16 * found.parameters + 5 * found.steps

    def test_more_steps_take_longer_and_larger_networks_more(self) -> None:
        df = untidy()
        few, many = (forecaster(training=training(steps)).diagnose(df) for steps in (10, 10_000))
        assert many.seconds > 20 * few.seconds
        large = forecaster(network=Network(hidden_size=64)).diagnose(df)
        assert large.memory > few.memory
        assert large.parameters > few.parameters

    def test_the_time_given_is_for_all_members(self) -> None:
        """Of five members each has a fifth of the time."""
        df = untidy()
        one, five = (
            forecaster(training=training(None, max_time=5, members=members)).diagnose(df)
            for members in (1, 5)
        )
        assert one.seconds <= 5
        assert 4 < five.seconds <= 5
        assert five.gradient_steps < one.gradient_steps

    def test_of_time_and_steps_what_comes_first_ends_it(self) -> None:
        df = untidy()
        assert forecaster(training=training(3, max_time=50)).diagnose(df).gradient_steps == 3
        found = forecaster(training=training(1_000_000, max_time=1)).diagnose(df)
        assert found.gradient_steps < 1_000_000
        assert found.seconds <= 1


class TestNothingChanges:
    def test_neither_the_estimator_nor_the_frame_nor_random_states(self) -> None:
        df, model = untidy(), forecaster(network=Network(hidden_size=6, dropout=0.3))
        before, frame = dict(vars(model)), df.copy(deep=True)
        torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
        model.diagnose(df)
        assert vars(model) == before
        pd.testing.assert_frame_equal(df, frame)
        assert torch.equal(torch.get_rng_state(), torch_state)
        assert np.array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002

    def test_nor_what_was_fitted(self) -> None:
        df = untidy()
        model = forecaster().fit(df)
        learned, forecast = {k: v for k, v in vars(model).items() if k.endswith("_")}, model.predict()
        model.diagnose(df[:70])
        assert all(vars(model)[name] is value for name, value in learned.items())
        pd.testing.assert_frame_equal(model.predict(), forecast, check_exact=True)

    def test_training_afterwards_is_as_without(self) -> None:
        df = untidy()
        model = forecaster()
        model.diagnose(df)
        pd.testing.assert_frame_equal(
            model.fit(df).predict(), forecaster().fit(df).predict(), check_exact=True
        )


class TestText:
    def test_it_prints_what_was_found(self) -> None:
        text = str(forecaster(7, context_length=14).diagnose(untidy()))
        lines = text.splitlines()
        assert lines[0] == "series      4 of 1 to 70 steps (median 50), 172 in all"
        assert lines[1].startswith("frequency   D; seasonal periods: 7")
        assert lines[2] == "missing     8 values, 5 of them in gaps of time"
        assert lines[3].endswith("14 → 7 in segments of 7; scaling: window")
        assert any("1 series are shorter than a context and a horizon (21 steps)" in line for line in lines)
        assert any("the first is 'one' with 1" in line for line in lines)
        assert any("2 series never change" in line for line in lines)
        assert max(len(line) for line in lines) < 160

    def test_remarks_come_only_where_there_is_something_to_say(self) -> None:
        wave = untidy()[:70].assign(y=lambda df: df["y"].interpolate())
        assert forecaster(7, context_length=14).diagnose(wave).remarks == ()

    def test_much_that_is_missing_is_remarked(self) -> None:
        df = untidy()[:70]
        df["y"] = df["y"].where(df.index % 2 == 0)
        remarks = forecaster(context_length=14).diagnose(df).remarks
        assert any(remark.startswith("51% of the values are missing") for remark in remarks), remarks

    def test_no_season_is_remarked(self) -> None:
        df = pd.DataFrame(
            {"ds": pd.date_range("2024", periods=60), "y": np.random.default_rng(0).normal(size=60)}
        )
        assert any("no season was found" in remark for remark in forecaster().diagnose(df).remarks)

    def test_a_frame_of_all_fields(self) -> None:
        found = forecaster().diagnose(untidy())
        frame = found.to_frame()
        assert frame.columns.tolist() == ["name", "value"]
        by_name = frame.set_index("name")["value"]
        assert (by_name["series"], by_name["gaps"]) == (4, 5)


class TestRefusals:
    """As ``fit`` refuses."""

    def test_nothing_but_missing_values(self) -> None:
        df = untidy()[:30].assign(y=np.nan)
        for look in (forecaster().diagnose, forecaster().fit):
            with pytest.raises(DataError, match="column 'y' is missing in all 30 steps"):
                look(df)

    def test_too_short(self) -> None:
        df = untidy()[-1:]
        for look in (forecaster(freq="D").diagnose, forecaster(freq="D").fit):
            with pytest.raises(
                DataError, match="no series is long enough to train on: the longest has 1 steps"
            ):
                look(df)
        with pytest.raises(FrequencyError):
            forecaster().diagnose(df)

    def test_parameters(self) -> None:
        with pytest.raises(ParameterError, match="horizon is 0"):
            forecaster(0).diagnose(untidy())
