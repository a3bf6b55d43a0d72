"""The board against evaluate() on backtests run one by one; the verdict against planted forecasters."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import (
    Network,
    Quantiles,
    SeasonalNaive,
    Seq2SeqForecaster,
    Theta,
    Training,
    backtest,
    evaluate,
    leaderboard,
)
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError
from tsseq2seq.evaluation.baselines import Baseline
from tsseq2seq.evaluation.leaderboard import Leaderboard
from tsseq2seq.plotting.style import FORECAST, QUIET
from tsseq2seq.training.step import GradientSteps

HORIZON = 3


def network(**settings) -> Seq2SeqForecaster:
    given = {
        "network": Network(hidden_size=4),
        "training": Training(max_steps=2, progress=False, precision="float32"),
        "context_length": 6,
        "segment_length": 1,
    }
    return Seq2SeqForecaster(HORIZON, **(given | settings))


def naive(horizon: int = HORIZON, season: int | None = 1, **settings) -> SeasonalNaive:
    return SeasonalNaive(horizon, season_length=season, jobs=1, **settings)


def history(names: str = "bac", length: int = 24) -> pd.DataFrame:
    """Daily series that end on different days; at step t of the s-th series y is near 10 s + t mod 4."""
    rng = np.random.default_rng(0)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "unique_id": name,
                    "ds": pd.date_range("2024-01-01", periods=length + place),
                    "y": 10.0 * (place + 1)
                    + np.arange(length + place) % 4
                    + rng.normal(size=length + place) / 5,
                }
            )
            for place, name in enumerate(names)
        ],
        ignore_index=True,
    )


class Planted:
    """A forecaster that knows what will come and errs by as much as it is told, for each series."""

    def __init__(self, truth: pd.DataFrame, errors: dict[str, float] | float, horizon: int = HORIZON) -> None:
        self.truth = truth
        self.errors = errors
        self.horizon = horizon
        self.id_col, self.time_col, self.target_col = "unique_id", "ds", "y"

    def fit(self, df: pd.DataFrame) -> Planted:
        self.ends = df.groupby("unique_id", sort=False)["ds"].max()
        return self

    def predict(self, df=None, future=None, *, horizon=None, levels=None) -> pd.DataFrame:
        rows = pd.DataFrame(
            {"unique_id": name, "ds": end + pd.Timedelta(days=step)}
            for name, end in self.ends.items()
            for step in range(1, self.horizon + 1)
        ).merge(self.truth, on=["unique_id", "ds"])
        off = rows["unique_id"].map(self.errors) if isinstance(self.errors, dict) else self.errors
        return rows.assign(Planted=rows["y"] + off)[["unique_id", "ds", "Planted"]]


class PlantedBaseline(Baseline):
    """The same as a baseline; further off by a number in all series."""

    truth: pd.DataFrame
    off = 1.0

    @staticmethod
    def forecast_series(values, horizon, season, levels):
        raise NotImplementedError

    def predict(self, df=None, future=None, *, horizon=None, levels=None) -> pd.DataFrame:
        planted = Planted(self.truth, self.off, self.horizon)
        planted.ends = pd.Series(self.panel_.ends(), index=self.panel_.ids)
        return planted.predict()


def planted_baseline(truth: pd.DataFrame, off: float = 1.0) -> Baseline:
    """Return one whose clones know the truth as well."""
    return type("Known", (PlantedBaseline,), {"truth": truth, "off": off})(HORIZON, season_length=1)


TRUTH = history()


class TestNumbers:
    @pytest.mark.parametrize("refit", [False, True])
    def test_they_are_those_of_evaluate_on_backtests(self, refit: bool) -> None:
        df = history()
        models = {"LSTM": network(), "naive": naive(), "theta": Theta(HORIZON, season_length=1, jobs=1)}
        metrics = ["rmse", "mase", "smape"]
        board = leaderboard(df, models, windows=2, step=2, metrics=metrics, season_length=4, refit=refit)
        back = df.groupby("unique_id")["ds"].transform("max") - df["ds"]
        train = df[back >= pd.Timedelta(days=HORIZON + 2)]
        for name, model in models.items():
            table = backtest(model, df, windows=2, step=2, refit=refit)
            by_hand = evaluate(table, metrics, train=train, season_length=4)
            ours = board.scores.set_index("model").loc[name, metrics].astype(float)
            expected = by_hand.set_index("metric").iloc[:, 0]
            pd.testing.assert_series_equal(ours, expected, check_names=False, check_index_type=False)
            point = table.columns[4]
            pd.testing.assert_series_equal(board.forecasts[name], table[point], check_names=False)
            pd.testing.assert_frame_equal(board.forecasts.iloc[:, :4], table.iloc[:, :4])

    def test_mase_by_hand(self) -> None:
        df = history("a")
        board = leaderboard(df, [naive()], windows=2, metrics=["mase"], season_length=1)
        y = df["y"].to_numpy()
        scale = np.abs(np.diff(y[:-6])).mean()
        errors = [np.abs(y[cut : cut + 3] - y[cut - 1]).mean() for cut in (len(y) - 6, len(y) - 3)]
        assert board.scores["mase"].tolist() == pytest.approx([np.mean(errors) / scale])

    def test_the_best_is_first(self) -> None:
        models = {f"off by {off}": Planted(TRUTH, off) for off in (3.0, 1.0, 2.0)}
        board = leaderboard(TRUTH, models, metrics=["rmse", "mase"], season_length=1)
        assert board.metric == "rmse"
        assert board.scores["model"].tolist() == ["off by 1.0", "off by 2.0", "off by 3.0"]
        assert board.scores["rmse"].tolist() == pytest.approx([1.0, 2.0, 3.0])
        assert board.scores.columns.tolist() == ["model", "rmse", "mase", "seconds", "baseline"]
        assert not board.scores["baseline"].any()
        assert (board.scores["seconds"] > 0).all()

    def test_the_season_is_found_before_the_first_cutoff(self) -> None:
        df = pd.DataFrame({"ds": range(60), "y": [0.0, 1, 5, 2] * 15}).assign(
            y=lambda df: df["y"] + np.random.default_rng(0).normal(size=60) / 10
        )
        models = {"naive": naive()}
        found = leaderboard(df, models, metrics=["mase"])
        given = leaderboard(df, models, metrics=["mase"], season_length=4)
        other = leaderboard(df, models, metrics=["mase"], season_length=1)
        assert found.scores["mase"].tolist() == given.scores["mase"].tolist()
        assert found.scores["mase"].tolist() != other.scores["mase"].tolist()

    def test_metrics_of_intervals(self) -> None:
        df = history()
        models = {
            "LSTM": network(output=Quantiles([0.05, 0.1, 0.5, 0.9, 0.95])),
            "naive": naive(),
        }
        metrics = ["interval_score", "coverage", "pinball", "weighted_quantile_loss", "crps"]
        board = leaderboard(df, models, windows=2, metrics=metrics, levels=[80, 90])
        scores = board.scores.set_index("model")
        for name, model in models.items():
            table = backtest(model, df, windows=2, levels=[80, 90], refit=True)
            expected = evaluate(table, metrics).set_index("metric").iloc[:, 0]
            own = scores.loc[name].drop(["seconds", "baseline"]).astype(float)
            pd.testing.assert_series_equal(own, expected, check_names=False, check_index_type=False)
        assert board.metric == "interval_score-80"
        assert scores["interval_score-80"].is_monotonic_increasing
        assert "LSTM-lo-80" in board.forecasts.columns
        assert "naive-hi-90" in board.forecasts.columns

    def test_by_coverage_the_nearest_to_the_level_is_first(self) -> None:
        class Wide(Planted):
            def predict(self, df=None, future=None, *, horizon=None, levels=None):
                frame = super().predict()
                row = np.arange(len(frame))
                reach = np.where(row % 9 < self.covered, 1.0, -1.0)
                return frame.assign(
                    **{"Planted-lo-80": frame["Planted"] - reach, "Planted-hi-80": frame["Planted"] + reach}
                )

        models = {}
        for covered in (9, 2, 7):
            models[f"{covered} of 9"] = Wide(TRUTH, 0.0)
            models[f"{covered} of 9"].covered = covered
        board = leaderboard(TRUTH, models, metrics=["coverage"], levels=[80])
        assert board.scores["coverage-80"].tolist() == pytest.approx([7 / 9, 1.0, 2 / 9])
        assert board.verdict == ""

    def test_models_without_intervals_have_none_to_score(self) -> None:
        board = leaderboard(TRUTH, [network(), naive()], metrics=["coverage", "rmse"])
        assert board.scores["coverage"].isna().all()
        assert board.scores["rmse"].notna().all()
        board = leaderboard(TRUTH, [network(), naive()], metrics=["interval_score"])
        assert board.verdict == ""

    def test_owa_needs_naive2(self) -> None:
        with pytest.raises(ParameterError, match="Naive2"):
            leaderboard(TRUTH, [naive()], metrics=["owa"])


class TestKinds:
    def test_names_of_a_list_are_those_of_the_classes(self) -> None:
        board = leaderboard(TRUTH, (network(), naive()))
        assert sorted(board.scores["model"]) == ["SeasonalNaive", "Seq2Seq"]
        assert board.scores.set_index("model")["baseline"].to_dict() == {
            "SeasonalNaive": True,
            "Seq2Seq": False,
        }

    def test_wide_frames_and_one_series(self) -> None:
        wide = pd.DataFrame(
            {"b": TRUTH["y"].to_numpy()[:24], "a": TRUTH["y"].to_numpy()[24:48]},
            index=pd.date_range("2024", periods=24),
        )
        long = wide.melt(var_name="unique_id", value_name="y", ignore_index=False).reset_index(names="ds")
        metrics = ["mase", "smape", "rmse"]
        models = {"naive": naive()}
        pd.testing.assert_frame_equal(
            leaderboard(wide, models, windows=2).scores[metrics],
            leaderboard(long, models, windows=2).scores[metrics],
        )
        board = leaderboard(wide["b"], models)
        assert board.forecasts.columns.tolist() == ["ds", "cutoff", "y", "naive"]

    def test_columns_of_other_names_and_time_as_text(self) -> None:
        names = {"unique_id": "shop", "ds": "day", "y": "sales"}
        columns = {"id_col": "shop", "time_col": "day", "target_col": "sales"}
        df = TRUTH.assign(ds=TRUTH["ds"].dt.strftime("%Y-%m-%d")).rename(columns=names)
        board = leaderboard(df, [network(**columns), naive(**columns)], windows=2)
        plain = leaderboard(TRUTH, [network(), naive()], windows=2)
        assert board.forecasts.columns[:4].tolist() == ["shop", "day", "cutoff", "sales"]
        pd.testing.assert_frame_equal(
            board.scores.drop(columns="seconds"), plain.scores.drop(columns="seconds")
        )
        assert board.verdict == plain.verdict

    def test_covariates_of_some_models(self) -> None:
        df = TRUTH.assign(price=np.arange(len(TRUTH)) % 5)
        board = leaderboard(df, {"priced": network(future_covariates=["price"]), "plain": network()})
        assert board.scores["mase"].nunique() == 2
        with pytest.raises(DataError, match="no column 'price'"):
            leaderboard(TRUTH, {"priced": network(future_covariates=["price"]), "plain": network()})

    def test_rows_that_a_model_does_not_forecast_are_told(self) -> None:
        truth = TRUTH[TRUTH["unique_id"] != "a"]
        for models in (
            {"partial": Planted(truth, 1.0), "whole": Planted(TRUTH, 2.0)},
            {"whole": Planted(TRUTH, 2.0), "partial": Planted(truth, 1.0)},
        ):
            with pytest.warns(
                DataWarning, match="partial forecast NaN in 3 of 9 rows, the first of series 'a'"
            ) as told:
                board = leaderboard(TRUTH, models, metrics=["rmse"])
            assert len(told) == 1
            assert len(board.forecasts) == 9
            assert board.forecasts["partial"].isna().sum() == 3
            assert board.scores.set_index("model")["rmse"].to_dict() == pytest.approx(
                {"partial": 1.0, "whole": 2.0}
            )

    def test_series_too_short_for_some_windows(self) -> None:
        short = pd.DataFrame(
            {"unique_id": "short", "ds": pd.date_range("2024", periods=5), "y": [1.0, 2, 4, 3, 5]}
        )
        df = pd.concat([TRUTH, short])
        with pytest.warns(DataWarning) as told:
            board = leaderboard(df, {"LSTM": network(), "naive": naive()}, windows=2, season_length=1)
        texts = [str(warning.message) for warning in told]
        assert sum("1 of 8 windows" in text for text in texts) == 2  # of each model
        assert sum("mase: 1 of 4 series have no scale" in text for text in texts) == 1
        assert board.forecasts.groupby("unique_id")["cutoff"].nunique().to_dict() == {
            "a": 2,
            "b": 2,
            "c": 2,
            "short": 1,
        }


class TestVerdict:
    def test_far_better(self) -> None:
        board = leaderboard(
            history("abcde"),
            {"net": Planted(history("abcde"), 0.1), "base": planted_baseline(history("abcde"))},
            metrics=["rmse"],
        )
        assert board.verdict == (
            "net has 90% less RMSE than the best baseline, base, and is better in 100% of 5 series; 90% of the "
            "time the difference lies between +90% and +90%: worth it."
        )

    def test_far_worse(self) -> None:
        board = leaderboard(
            history("abcde"),
            {"net": Planted(history("abcde"), 3.0), "base": planted_baseline(history("abcde"))},
            metrics=["rmse"],
        )
        assert board.verdict == (
            "net has 200% more RMSE than the best baseline, base, and is better in 0% of 5 series; 90% of the "
            "time the difference lies between -200% and -200%: not worth it."
        )

    def test_now_better_now_worse(self) -> None:
        board = leaderboard(
            history("abcde"),
            {
                "net": Planted(history("abcde"), {"a": 0.2, "b": 0.8, "c": 1.9, "d": 0.4, "e": 1.6}),
                "base": planted_baseline(history("abcde")),
            },
            metrics=["rmse"],
        )
        assert board.verdict.startswith("net has 2% less RMSE")
        assert "better in 60% of 5 series" in board.verdict
        assert board.verdict.endswith(": undecided.")

    def test_bounds_are_those_of_a_bootstrap_over_series(self) -> None:
        names = "abcdefghijklmnopqrst"
        truth = history(names)
        errors = dict(zip(names, np.random.default_rng(1).uniform(0.2, 1.2, len(names)), strict=True))
        models = {"net": Planted(truth, errors), "base": planted_baseline(truth)}
        board = leaderboard(truth, models, metrics=["rmse"])
        low, high = (int(part) / 100 for part in re.findall(r"([+-]\d+)%", board.verdict))
        own = np.array(list(errors.values()))
        rng = np.random.default_rng(7)
        drawn = [1 - rng.choice(own, len(own)).mean() for _ in range(4000)]
        assert (low, high) == pytest.approx(np.quantile(drawn, [0.05, 0.95]), abs=0.03)
        assert board.verdict.endswith("worth it.")

    def test_of_one_series_cutoffs_are_drawn(self) -> None:
        board = leaderboard(
            TRUTH[TRUTH["unique_id"] == "b"],
            {"net": Planted(TRUTH, 0.5), "base": planted_baseline(TRUTH)},
            windows=5,
            step=1,
            metrics=["mase"],
            season_length=1,
        )
        assert (
            "50% less MASE than the best baseline, base, and is better in 100% of 5 cutoffs" in board.verdict
        )

    def test_few_cutoffs_say_little(self) -> None:
        board = leaderboard(
            TRUTH[TRUTH["unique_id"] == "b"],
            {"net": Planted(TRUTH, 0.5), "base": planted_baseline(TRUTH)},
            windows=4,
            metrics=["mase"],
            season_length=1,
        )
        assert board.verdict == "net has 50% less MASE than the best baseline, base; 4 cutoffs say little."

    def test_one_cutoff_of_one_series_says_little(self) -> None:
        board = leaderboard(
            TRUTH[TRUTH["unique_id"] == "b"],
            {"net": Planted(TRUTH, 0.5), "base": planted_baseline(TRUTH)},
            metrics=["rmse"],
        )
        assert board.verdict == "net has 50% less RMSE than the best baseline, base; one window says little."

    def test_the_best_of_each_kind_are_compared(self) -> None:
        board = leaderboard(
            TRUTH,
            {
                "poor": Planted(TRUTH, 5.0),
                "good": Planted(TRUTH, 2.0),
                "base": planted_baseline(TRUTH),
                "perfect": planted_baseline(TRUTH, 0.0),
            },
            metrics=["rmse"],
        )
        assert board.scores["model"].tolist() == ["perfect", "base", "good", "poor"]
        assert board.verdict.startswith("good has more rmse than the best baseline, perfect, which has none")
        assert board.verdict.endswith("not worth it.")

    def test_two_without_any_error(self) -> None:
        board = leaderboard(
            TRUTH, {"net": Planted(TRUTH, 0.0), "base": planted_baseline(TRUTH, 0.0)}, metrics=["rmse"]
        )
        assert board.verdict == "net and the best baseline, base, have no rmse at all: not worth it."

    def test_without_both_kinds_there_is_none(self) -> None:
        assert leaderboard(TRUTH, {"a": naive(), "b": naive(season=4)}, metrics=["rmse"]).verdict == ""
        assert leaderboard(TRUTH, {"a": Planted(TRUTH, 1.0)}, metrics=["rmse"]).verdict == ""


class TestLikeWithLike:
    """Baselines are fitted at each cutoff; so are networks, or the verdict says that they were not."""

    def test_networks_are_trained_at_each_cutoff(self) -> None:
        board = leaderboard(TRUTH, [network(), naive()], windows=3)
        again = backtest(network(), TRUTH, windows=3, refit=True)
        pd.testing.assert_series_equal(board.forecasts["Seq2Seq"], again["Seq2Seq"])
        assert "baselines at each of" not in board.verdict

    @pytest.mark.parametrize(
        ("refit", "said"), [(False, "was trained once,"), (2, "was trained every 2 cutoffs,"), (1, None)]
    )
    def test_the_verdict_says_where_they_are_not(self, refit: bool | int, said: str | None) -> None:
        board = leaderboard(TRUTH, [network(), naive()], windows=3, refit=refit)
        assert board.verdict
        assert ("the baselines at each of 3 cutoffs: refit=True" in board.verdict) == (said is not None)
        assert said is None or f"The network {said}" in board.verdict

    def test_one_cutoff_is_like_with_like(self) -> None:
        board = leaderboard(TRUTH, [network(), naive()], refit=False)
        assert "refit=True" not in board.verdict

    def test_a_forecaster_that_is_fitted_at_each_cutoff_has_no_handicap(self) -> None:
        models = {"net": Planted(TRUTH, 0.5), "base": planted_baseline(TRUTH)}
        assert "refit=True" not in leaderboard(TRUTH, models, windows=2, refit=False).verdict


class TestRefusals:
    @pytest.mark.parametrize(
        ("models", "error", "message"),
        [
            ([], ParameterError, "models is empty"),
            ({}, ParameterError, "models is empty"),
            (
                [naive(), naive()],
                ParameterError,
                "models has 2 of the class SeasonalNaive; give names, as a dict",
            ),
            (
                {"a": naive(), "b": 3},
                ParameterTypeError,
                "models holds 'b', which is 3; .* must have horizon",
            ),
            ([naive(), None], ParameterTypeError, "models holds 'NoneType'"),
            (naive(), ParameterTypeError, "models is SeasonalNaive.*; it must be a dict or a list"),
            (
                {"a": naive(), "b": naive(target_col="z")},
                ParameterError,
                "b reads the columns .*'z'.*, but a reads .*'y'.*; all models must read the same",
            ),
            ({"a": naive(), "b": naive(4)}, ParameterError, "b has the horizon 4, but a has 3"),
            ({"a": network(target_col=["y", "z"])}, ParameterError, r"a has the targets \['y', 'z'\]"),
            ({"y": naive()}, ParameterError, "models holds the name 'y'"),
            ({"cutoff": naive()}, ParameterError, "models holds the name 'cutoff'"),
            ({1: naive(), "1": naive()}, ParameterError, "models holds the name '1' twice"),
            ({"a-lo-80": naive()}, ParameterError, "models holds the name 'a-lo-80'.* interval"),
        ],
        ids=[
            "list",
            "dict",
            "twice",
            "number",
            "nothing",
            "bare",
            "columns",
            "horizons",
            "targets",
            "target",
            "cutoff",
            "one",
            "bound",
        ],
    )
    @pytest.mark.usefixtures("unchecked_types")
    def test_models(self, models: object, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            leaderboard(TRUTH, models)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"metrics": []}, "metrics is empty"),
            ({"metrics": ["mase", "mad"]}, "leaderboard: metrics is 'mad'"),
            ({"metrics": "mase"}, "metrics is 'mase'; it must be a list"),
            ({"windows": 0}, "windows is 0"),
            ({"step": 0}, "step is 0"),
            ({"refit": "yes"}, "refit is 'yes'"),
            ({"season_length": 0}, "leaderboard: season_length is 0"),
            ({"levels": [120]}, "levels is 120"),
        ],
        ids=lambda value: None if isinstance(value, str) else "-".join(map(str, next(iter(value.items())))),
    )
    @pytest.mark.usefixtures("unchecked_types")
    def test_settings(self, settings: dict, message: str) -> None:
        with pytest.raises((ParameterError, ParameterTypeError), match=re.escape(message)):
            leaderboard(TRUTH, [naive()], **settings)

    def test_an_error_of_a_model_is_raised(self) -> None:
        with pytest.raises(ParameterError, match="levels holds 80"):
            leaderboard(TRUTH, [network()], levels=[80])

    def test_ctrl_c_is_raised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made, steps = GradientSteps.__call__, iter(range(9))

        def interrupted(*args, **kwargs):
            if next(steps) == 1:
                raise KeyboardInterrupt
            return made(*args, **kwargs)

        monkeypatch.setattr(GradientSteps, "__call__", interrupted)
        with pytest.raises(KeyboardInterrupt):
            leaderboard(TRUTH, [network(), naive()])


@pytest.fixture(scope="module")
def board() -> Leaderboard:
    models = {"net": Planted(TRUTH, 0.5), "base": planted_baseline(TRUTH)}
    return leaderboard(TRUTH, models, metrics=["rmse", "smape"])


class TestBoard:
    def test_as_text(self, board: Leaderboard) -> None:
        assert repr(board) == str(board)
        lines = str(board).splitlines()
        assert lines[0].split() == ["model", "rmse", "smape", "seconds", "baseline"]
        assert lines[1].split()[:2] == ["net", "0.5"]
        assert lines[2].split()[:2] == ["base", "1"]
        assert lines[-1] == board.verdict
        assert len(lines) == 4
        alone = leaderboard(TRUTH, [naive()], metrics=["rmse"])
        assert len(str(alone).splitlines()) == 2

    def test_plot(self, board: Leaderboard) -> None:
        matplotlib = pytest.importorskip("matplotlib")
        figure = pytest.importorskip("matplotlib.figure")
        ax = figure.Figure().subplots()
        assert board.plot(ax=ax) is ax
        assert [bar.get_width() for bar in ax.patches] == board.scores["rmse"].tolist()
        colours = [matplotlib.colors.to_hex(bar.get_facecolor()) for bar in ax.patches]
        assert colours == [matplotlib.colors.to_hex(colour) for colour in (FORECAST, QUIET)]
        assert [label.get_text() for label in ax.get_yticklabels()] == ["net", "base"]
        assert ax.get_xlabel() == "rmse"
        assert ax.get_title(loc="left").replace("\n", " ") == board.verdict

    def test_metrics_of_several_rows_are_plotted_by_their_first(self) -> None:
        pytest.importorskip("matplotlib")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            board = leaderboard(TRUTH, [naive()], metrics=["interval_score"], levels=[80, 95])
            ax = board.plot()
        assert board.metric == ax.get_xlabel() == "interval_score-80"
