"""Looks into a fitted forecaster, against steps taken by hand and problems whose answer is known."""

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
from tsseq2seq.errors import DataError, ParameterError, TsSeq2SeqError

HORIZON = 4


def training(steps: int = 4, **settings: Any) -> Training:
    return Training(max_steps=steps, progress=False, precision="float32", **settings)


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    defaults = {
        "context_length": 8,
        "segment_length": 1,
        "network": Network(hidden_size=6, attention="additive"),
        "training": training(),
    }
    return Seq2SeqForecaster(HORIZON, **(defaults | settings))


def panel(lengths: dict[str, int]) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {"unique_id": name, "ds": np.arange(length), "y": rng.normal(size=length).cumsum() + 3 * place}
        )
        for place, (name, length) in enumerate(lengths.items())
    ]
    return pd.concat(parts, ignore_index=True)


DF = panel({"long": 40, "short": 5})


def steps_by_hand(
    model: Seq2SeqForecaster, member: int, batch: Any, *, forced: bool
) -> tuple[torch.Tensor, ...]:
    """Decode a batch step by step (segments of 1); return points, truth and weights on its scale."""
    net = model.fitted_.members[member]
    inputs = net.prepare(net.scaled(batch))
    context, mask = batch.context.double(), batch.context_mask
    count = mask.sum(1, keepdim=True)
    mean = (context * mask).sum(1, keepdim=True) / count
    spread = (((context - mean) ** 2 * mask).sum(1, keepdim=True) / count).sqrt()
    target = ((batch.target - mean) / spread).float()[..., 0]
    state, memory = net.network.start(net.network.encode(inputs.segments, inputs.lengths, inputs.covariates))
    previous, points, weights = inputs.first, [], []
    for t in range(HORIZON):
        output, state, weight = net.network.step(previous, t, state, memory)
        points.append(net.output.point(output)[:, 0, 0, 0])
        weights.append(weight)
        entering = target[:, t] if forced else points[-1]
        previous = torch.stack([entering, torch.ones_like(entering)], dim=-1)[:, None]
    return torch.stack(points, 1), target, torch.stack(weights, 1)[:, :, 0]


class TestAttention:
    def test_a_row_for_each_step_and_each_one_read(self) -> None:
        frame = forecaster().fit(DF).attention()
        assert frame.columns.tolist() == ["unique_id", "step", "lag", "weight"]
        sizes = frame.groupby(["unique_id", "step"], sort=False)["lag"].agg(["size", "min", "max"])
        assert sizes.loc["long"].to_numpy().tolist() == [[8, 1, 8]] * HORIZON
        assert sizes.loc["short"].to_numpy().tolist() == [[5, 1, 5]] * HORIZON
        assert frame["unique_id"].unique().tolist() == ["long", "short"]

    @pytest.mark.parametrize("attention", ["additive", "dot"])
    @pytest.mark.parametrize("decoding", ["autoregressive", "parallel"])
    @pytest.mark.parametrize("position", ["after", "before"])
    @pytest.mark.parametrize("segment_length", [1, 3])
    def test_weights_of_a_step_add_up_to_one(
        self, attention: str, decoding: str, position: str, segment_length: int
    ) -> None:
        network = Network(hidden_size=6, attention=attention, decoding=decoding, attention_position=position)
        frame = (
            forecaster(network=network, segment_length=segment_length, training=training(2))
            .fit(DF)
            .attention()
        )
        sums = frame.groupby(["unique_id", "step"])["weight"].sum()
        np.testing.assert_allclose(sums, 1, rtol=1e-5)
        assert (frame["weight"] >= 0).all()
        assert sorted(frame["step"].unique()) == list(range(1, HORIZON + 1, segment_length))

    def test_they_are_those_of_decoding_step_by_step(self) -> None:
        model = forecaster(training=training(members=2)).fit(DF[:40])
        windows = model.fitted_.forecast_windows(model.fitted_.panel, None, HORIZON)
        batch = windows.gather(torch.arange(1))
        with torch.inference_mode():
            each = [steps_by_hand(model, member, batch, forced=False)[2][0] for member in (0, 1)]
        expected = ((each[0] + each[1]) / 2).flip(1)  # the latest step read has a lag of 1
        frame = model.attention().sort_values(["step", "lag"])
        np.testing.assert_allclose(
            frame["weight"].to_numpy().reshape(HORIZON, 8), expected.numpy(), rtol=1e-4, atol=1e-6
        )

    @pytest.mark.parametrize(("segment_length", "nearest", "oldest"), [(1, 1, 8), (3, 1, 7)])
    def test_planted_weights_are_found_at_their_lag(
        self, monkeypatch: pytest.MonkeyPatch, segment_length: int, nearest: int, oldest: int
    ) -> None:
        """The last valid segment read lies nearest, whatever padding stands behind it."""
        model = forecaster(segment_length=segment_length).fit(DF)
        net = model.fitted_.members[0]
        real = net.attention_weights

        def planted(place: str) -> Any:
            def attention_weights(batch: Any) -> torch.Tensor:
                weights = torch.zeros_like(real(batch))
                for row, valid in enumerate(batch.lengths.tolist()):
                    weights[row, :, valid - 1 if place == "last" else 0] = 1.0
                return weights

            return attention_weights

        monkeypatch.setattr(net, "attention_weights", planted("last"))
        frame = model.attention()
        assert frame.loc[frame["weight"] == 1, "lag"].unique().tolist() == [nearest]
        monkeypatch.setattr(net, "attention_weights", planted("first"))
        frame = model.attention()
        heavy = frame[frame["weight"] == 1].groupby("unique_id")["lag"].unique()
        assert heavy["long"].tolist() == [oldest]
        assert heavy["short"].tolist() == [{1: 5, 3: 4}[segment_length]]

    def test_of_a_frame_without_names(self) -> None:
        model = forecaster().fit(DF[:40].drop(columns="unique_id"))
        assert model.attention().columns.tolist() == ["step", "lag", "weight"]
        assert len(model.attention(DF[:20].drop(columns="unique_id"))) == 8 * HORIZON

    def test_with_future_covariates(self) -> None:
        df = DF.assign(price=np.arange(len(DF), dtype=float))
        model = forecaster(future_covariates=["price"]).fit(df)
        future = model.future_frame().assign(price=1.0)
        assert len(model.attention(future=future)) == (8 + 5) * HORIZON
        with pytest.raises(DataError, match="pass future="):
            model.attention()

    def test_a_network_without_attention_is_refused(self) -> None:
        model = forecaster(network=Network(hidden_size=4)).fit(DF)
        with pytest.raises(
            ParameterError, match=r"attention: the network has none; fit with Network\(attention="
        ):
            model.attention()


class TestExposureBias:
    @pytest.mark.parametrize("output", [Point(), Quantiles(), Normal()], ids=lambda o: type(o).__name__)
    def test_it_is_the_error_of_steps_taken_by_hand(self, output: Any) -> None:
        model = forecaster(output=output, training=training(20, learning_rate=0.02)).fit(DF[:40])
        cutoffs = torch.arange(len(model.fitted_.cutoff_windows(model.fitted_.panel, step=1)))
        windows = model.fitted_.cutoff_windows(model.fitted_.panel, step=1)
        assert len(windows) == 40 - 8 - HORIZON + 1
        batch = windows.gather(cutoffs)
        frame = model.exposure_bias()
        assert frame["step"].tolist() == [1, 2, 3, 4]
        with torch.inference_mode():
            for column, forced in (("teacher_forced", True), ("free_running", False)):
                points, target, _ = steps_by_hand(model, 0, batch, forced=forced)
                expected = (points - target).abs().mean(0)
                np.testing.assert_allclose(frame[column], expected, rtol=1e-3)
        assert frame["teacher_forced"][0] == pytest.approx(frame["free_running"][0], rel=1e-5)
        assert not np.allclose(frame["teacher_forced"][1:], frame["free_running"][1:], rtol=1e-3)

    @pytest.mark.parametrize("segment_length", [1, 3])
    def test_in_parallel_nothing_is_fed_back(self, segment_length: int) -> None:
        network = Network(hidden_size=6, decoding="parallel")
        frame = forecaster(network=network, segment_length=segment_length).fit(DF).exposure_bias()
        np.testing.assert_allclose(frame["teacher_forced"], frame["free_running"], rtol=1e-6)
        assert len(frame) == HORIZON

    def test_of_several_members_the_median_counts(self) -> None:
        model = forecaster(training=training(members=2)).fit(DF[:40])
        windows = model.fitted_.cutoff_windows(model.fitted_.panel, step=1)
        batch = windows.gather(torch.arange(len(windows)))
        with torch.inference_mode():
            one, target, _ = steps_by_hand(model, 0, batch, forced=False)
            other, _, _ = steps_by_hand(model, 1, batch, forced=False)
        expected = ((one + other) / 2 - target).abs().mean(0)
        np.testing.assert_allclose(model.exposure_bias()["free_running"], expected, rtol=1e-3)

    def test_missing_values_and_constants_do_not_count(self) -> None:
        model = forecaster().fit(DF[:40])
        flat = pd.DataFrame({"unique_id": "flat", "ds": np.arange(30), "y": 2.0})
        alone = model.exposure_bias(DF[:40])
        np.testing.assert_allclose(model.exposure_bias(pd.concat([flat, DF[:40]])), alone, rtol=1e-5)

    @pytest.mark.parametrize(
        "output", [StudentT(), NegativeBinomial(), Binned(bins=9)], ids=lambda o: type(o).__name__
    )
    def test_every_output_has_one(self, output: Any) -> None:
        model = forecaster(output=output).fit(DF.assign(y=DF["y"].abs().round()))
        frame = model.exposure_bias(windows=3)
        assert np.isfinite(frame).all(axis=None)

    def test_only_the_last_windows(self) -> None:
        model = forecaster().fit(DF[:40])
        one = model.exposure_bias(windows=1)
        changed = DF[:40].assign(y=DF["y"][:40].where(DF.index[:40] >= 28, 100.0))
        pd.testing.assert_frame_equal(model.exposure_bias(changed, windows=1), one, rtol=1e-4)
        assert not np.allclose(model.exposure_bias(), one)

    @pytest.mark.parametrize("windows", [0, -1, 1.5])
    @pytest.mark.parametrize("method", ["exposure_bias", "covariate_importance"])
    @pytest.mark.usefixtures("unchecked_types")
    def test_numbers_of_windows_that_are_none(self, method: str, windows: Any) -> None:
        model = forecaster(past_covariates=["heat"]).fit(DF.assign(heat=1.0 * DF.index))
        with pytest.raises(
            TsSeq2SeqError, match=f"{method}: windows is {windows}; it must be an integer, at least 1"
        ):
            getattr(model, method)(windows=windows)

    def test_a_history_without_a_whole_horizon_is_refused(self) -> None:
        model = forecaster().fit(DF)
        with pytest.raises(DataError, match="no series is longer than the horizon of 4"):
            model.exposure_bias(DF[:4])


def priced_frame(length: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    parts = []
    for name in "ab":
        price, noise, past = rng.normal(size=(3, length))
        kind = rng.choice(["plain", "feast"], size=length)
        y = 3 * price + 4 * (kind == "feast") + 0.1 * rng.normal(size=length)
        parts.append(
            pd.DataFrame(
                {"unique_id": name, "ds": pd.date_range("2024-01-01", periods=length), "y": y}
                | {"price": price, "noise": noise, "past": past, "kind": kind, "shop": name}
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    model = forecaster(
        network=Network(hidden_size=16),
        training=training(150, learning_rate=0.02, batch_size=32),
        past_covariates=["past"],
        future_covariates=["noise", "price", "kind"],
        static_covariates=["shop"],
        calendar=["day_of_week"],
    )
    return model.fit(priced_frame())


class TestCovariateImportance:
    def test_what_decides_the_target_is_far_above_noise(self, fitted: Seq2SeqForecaster) -> None:
        frame = fitted.covariate_importance()
        assert frame.columns.tolist() == ["covariate", "role", "importance", "deviation"]
        assert sorted(zip(frame["role"], frame["covariate"], strict=True)) == [
            ("calendar", "calendar"), ("future", "kind"), ("future", "noise"), ("future", "price"),
            ("past", "past"), ("static", "shop"),
        ]  # fmt: skip
        assert set(frame["covariate"][:2]) == {"price", "kind"}, "the most important come first"
        found = frame.set_index("covariate")["importance"]
        assert found[["price", "kind"]].min() > 0.5
        assert found.drop(["price", "kind"]).abs().max() < 0.15
        assert found["price"] > 10 * abs(found["noise"])
        assert (frame["deviation"] >= 0).all()
        assert frame["importance"].is_monotonic_decreasing

    def test_the_same_seed_shuffles_the_same(self, fitted: Seq2SeqForecaster) -> None:
        state = torch.get_rng_state()
        one, other = (fitted.covariate_importance(windows=20, repeats=2) for _ in range(2))
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert torch.equal(torch.get_rng_state(), state)

    def test_shuffling_by_hand(self, fitted: Seq2SeqForecaster) -> None:
        """Prices of other windows: forecasts of windows whose own prices were swapped in the frame."""
        df = priced_frame()[:150]
        windows = fitted.fitted_.cutoff_windows(fitted.fitted_.read(df), windows=6, step=1)
        order = torch.randperm(6, generator=torch.Generator().manual_seed(0))
        points = {}
        for swapped in (False, True):
            rows = []
            for place in range(6):
                cutoff, given = 150 - HORIZON - 5 + place, 150 - HORIZON - 5 + int(order[place])
                own = df[cutoff - 8 : cutoff + HORIZON].copy()
                if swapped:
                    own["price"] = df["price"].to_numpy()[given - 8 : given + HORIZON]
                forecast = fitted.predict(own[:8], own[8:])["Seq2Seq"].to_numpy()
                spread = own["y"][:8].std(ddof=0)
                rows.append(np.abs(forecast - own["y"][8:].to_numpy()).mean() / spread)
            points[swapped] = np.mean(rows)
        assert len(windows) == 6
        frame = fitted.covariate_importance(df, windows=6, repeats=1).set_index("covariate")
        assert frame.loc["price", "importance"] == pytest.approx(points[True] / points[False] - 1, rel=1e-3)
        assert frame.loc["price", "deviation"] == 0

    @pytest.mark.parametrize("members", [1, 2])
    def test_without_covariates_it_is_refused(self, members: int) -> None:
        model = forecaster(training=training(2, members=members)).fit(DF)
        with pytest.raises(ParameterError, match="covariate_importance: the model has no covariates"):
            model.covariate_importance()

    def test_members_count_together(self) -> None:
        df = priced_frame(40)
        model = forecaster(training=training(2, members=2), future_covariates=["price"]).fit(df)
        assert np.isfinite(model.covariate_importance(repeats=1)["importance"]).all()

    def test_where_nothing_can_be_compared_it_says_so(self) -> None:
        """A constant is forecast as that whatever the covariates are."""
        model = forecaster(past_covariates=["heat"]).fit(DF.assign(heat=1.0 * DF.index))
        flat = pd.DataFrame({"unique_id": "flat", "ds": np.arange(30), "y": 2.0, "heat": 1.0})
        for look in (model.covariate_importance, model.exposure_bias):
            with pytest.raises(DataError, match=r"no (window|series).*(var|known|compared)"):
                look(flat)

    @pytest.mark.parametrize("repeats", [0, -2])
    def test_repeats_that_are_none(self, repeats: int) -> None:
        model = forecaster(past_covariates=["heat"]).fit(DF.assign(heat=1.0 * DF.index))
        with pytest.raises(ParameterError, match=f"repeats is {repeats}; it must be an integer, at least 1"):
            model.covariate_importance(repeats=repeats)
