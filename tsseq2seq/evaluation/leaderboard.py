"""Leaderboards: models and baselines scored on the same cutoffs, with a verdict on the network."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import read_frame
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.evaluation.backtest import backtest
from tsseq2seq.evaluation.baselines import Baseline
from tsseq2seq.evaluation.metrics import METRICS, evaluate
from tsseq2seq.evaluation.metrics.own import Metric, check_own_names, metric_name
from tsseq2seq.evaluation.protocol import CutoffForecaster, Forecaster
from tsseq2seq.evaluation.rolling_origins import read_origins
from tsseq2seq.evaluation.season import season_of
from tsseq2seq.evaluation.verdict import first_column, verdict_of
from tsseq2seq.keywords import checked_arguments
from tsseq2seq.memory import memory_told
from tsseq2seq.settings import check_choice, check_levels, check_number

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["Leaderboard", "leaderboard"]

# Columns of the scores that are no metrics.
_OF_SCORES = ("model", "seconds", "baseline")


@dataclass(frozen=True, repr=False)
class Leaderboard:
    """The result of :func:`leaderboard`.

    Attributes
    ----------
    scores
        A row for each model, the best first: ``model``, the metrics, ``seconds`` (of all fits and forecasts),
        ``baseline`` (whether the model is one).
    forecasts
        The backtest: series, time stamp, ``cutoff``, the target, and a column for each model.
    verdict
        A sentence that compares the best network with the best baseline; empty if there is none of either.
    metric
        The metric by which models are ranked.
    columns
        Names of id, time and target columns.
    """

    scores: pd.DataFrame
    forecasts: pd.DataFrame
    verdict: str
    metric: str
    columns: Columns

    def plot(
        self, *, title: str | None = None, ax: matplotlib.axes.Axes | None = None
    ) -> matplotlib.axes.Axes:
        """Draw the metric of each model, with the verdict above, or another ``title``."""
        from tsseq2seq.plotting.leaderboard import plot_leaderboard

        return plot_leaderboard(
            self.scores, metric=self.metric, title=self.verdict if title is None else title, ax=ax
        )

    def __repr__(self) -> str:
        """Return what is printed: the scores and the verdict."""
        return str(self)

    def __str__(self) -> str:
        table = self.scores.to_string(index=False, float_format=_number)
        return f"{table}\n{self.verdict}".rstrip()


@checked_arguments
@memory_told
def leaderboard(
    df: Any,  # noqa: ANN401
    models: Mapping[str, Any] | Sequence[Any],
    *,
    windows: int = 1,
    step: int | None = None,
    metrics: Sequence[Metric] = ("mase", "smape", "rmse"),
    levels: Sequence[float] | None = None,
    season_length: int | None = None,
    refit: bool | int | None = True,
    progress: bool | None = None,
) -> Leaderboard:
    """Backtest several models on the same cutoffs and rank them.

    Parameters
    ----------
    df
        The history.
    models
        Estimators by name; or a list of estimators, which are then named by their classes, those with
        weights of the package ``Pretrained`` and ``FineTuned``.
    windows, step, progress
        As in :func:`~tsseq2seq.backtest`.
    metrics
        Names of metrics of :func:`~tsseq2seq.evaluation.metrics.evaluate`, or functions of one's own, of
        which less is better. The first ranks the models; if it is the coverage, the model nearest to the
        level is the best.
    levels
        Levels of the intervals of all models, in percent; needed for metrics of intervals.
    season_length
        Seasonal period for MASE, in time steps. None: found in the data.
    refit
        As in :func:`~tsseq2seq.backtest`. By default networks are trained again at each cutoff, which takes
        ``windows`` trainings, because baselines are fitted there: a network trained once, before the first
        cutoff, knows less than they do. Where they have it easier so, the verdict says it.

    Returns
    -------
    Leaderboard
        With a frame, a plot (:meth:`Leaderboard.plot`) and a sentence.

    Raises
    ------
    TsSeq2SeqError
        If an argument or the frame cannot be used. An error of a model is passed on.

    Examples
    --------
    >>> from tsseq2seq import SeasonalNaive, Seq2SeqForecaster, Training, datasets, leaderboard
    >>> network = Seq2SeqForecaster(12, training=Training(max_steps=5))
    >>> board = leaderboard(datasets.load("air_passengers"), [network, SeasonalNaive(12)])
    >>> sorted(board.scores["model"])
    ['SeasonalNaive', 'Seq2Seq']
    """
    named = _named(models)
    if not isinstance(metrics, list | tuple):
        raise ParameterTypeError(f"leaderboard: metrics is {metrics!r}; it must be a list such as ['mase']")
    if not metrics:
        raise ParameterError("leaderboard: metrics is empty; it must name at least one")
    for metric in metrics:
        if not callable(metric):
            check_choice("leaderboard", "metrics", metric, tuple(METRICS))
    check_own_names(metrics, [*METRICS, *_OF_SCORES])
    check_number("leaderboard", "season_length", season_length, low=1, integer=True, optional=True)
    check_levels("leaderboard", levels)
    columns = _common_columns(named)
    frame, _ = read_frame(df, columns)
    pieces, seconds = [], {}
    for name, model in named.items():
        started = time.monotonic()
        forecasts = backtest(
            model, frame, windows=windows, step=step, refit=refit, levels=levels, progress=progress
        )
        seconds[name] = time.monotonic() - started
        pieces.append(_renamed(forecasts, columns, name))
    keys = [name for name in (columns.id, columns.time, "cutoff") if name in pieces[0]]
    forecasts_of_all = pieces[0]
    for piece in pieces[1:]:
        forecasts_of_all = forecasts_of_all.merge(
            piece.drop(columns=list(columns.targets)), how="left", on=keys
        )
    train, season = _train(frame, columns, named, windows, step, season_length)
    options: dict[str, Any] = {
        "train": train,
        "season_length": season,
        "models": list(named),
        "id_col": columns.id if columns.id in frame else None,
        "time_col": columns.time,
        "target_col": columns.targets[0],
    }
    scores = _ranked(evaluate(forecasts_of_all, metrics, **options), named, seconds, metric_name(metrics[0]))
    verdict = verdict_of(forecasts_of_all, scores, metrics[0], options)
    if verdict and isinstance(named[scores["model"][~scores["baseline"]].iloc[0]], CutoffForecaster):
        verdict += _handicap(refit, windows)
    ranking = first_column(metric_name(metrics[0]), scores)
    return Leaderboard(scores, forecasts_of_all, verdict, ranking, columns)


def _handicap(refit: bool | int | None, windows: int) -> str:
    """Return a sentence on networks that are trained less often than baselines are fitted; or ''."""
    if windows == 1 or (refit is not None and int(refit) == 1):
        return ""
    seldom = "was trained " + (f"every {refit} cutoffs" if refit else "once")
    return (
        f" The network {'is used as fitted' if refit is None else seldom}, the baselines at each of "
        f"{windows} cutoffs: refit=True compares like with like."
    )


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _named(models: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    if isinstance(models, Mapping):
        names = [str(name) for name in models]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ParameterError(f"leaderboard: models holds the name {twice[0]!r} twice, as text and not")
        named = dict(zip(names, models.values(), strict=True))
    elif isinstance(models, list | tuple):
        names = [_class_name(model) for model in models]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ParameterError(
                f"leaderboard: models has {names.count(twice[0])} of the class {twice[0]}; give names, "
                "as a dict"
            )
        named = dict(zip(names, models, strict=True))
    else:
        raise ParameterTypeError(
            f"leaderboard: models is {models!r}; it must be a dict or a list of estimators"
        )
    if not named:
        raise ParameterError("leaderboard: models is empty; it must hold at least one estimator")
    for name, model in named.items():
        if not isinstance(model, Forecaster):
            raise ParameterTypeError(
                f"leaderboard: models holds {name!r}, which is {model!r}; it must have horizon, id_col, "
                "time_col, target_col, fit and predict"
            )
    return named


def _class_name(model: Any) -> str:  # noqa: ANN401
    """Return the name of an estimator that was given none; weights that come with the package are told."""
    named = type(model).__name__.replace("Seq2SeqForecaster", "Seq2Seq")
    weights = getattr(model, "weights", None)
    return named if weights is None else str(weights).replace("_", " ").title().replace(" ", "")


def _common_columns(named: Mapping[str, Any]) -> Columns:
    """Return the columns that all models read; refuse several targets, and models that differ.

    Names of models become columns of the board, so they must differ from the names of other columns.
    """
    columns_of = {}
    covariates: dict[str, None] = {}
    for name, model in named.items():
        read = Columns.of(id_col=model.id_col, time_col=model.time_col, target_col=model.target_col)
        if len(read.targets) > 1:
            raise ParameterError(
                f"leaderboard: {name} has the targets {list(read.targets)}; one can be compared"
            )
        target = read.targets[0]
        columns_of[name] = (model.id_col, model.time_col, target)
        for role in ("past_covariates", "future_covariates", "static_covariates"):
            covariates |= dict.fromkeys(getattr(model, role, ()))
        if getattr(model, "weight_col", None) is not None:
            covariates[model.weight_col] = None
    first = next(iter(columns_of))
    for name, roles in columns_of.items():
        if roles != columns_of[first]:
            raise ParameterError(
                f"leaderboard: {name} reads the columns {roles}, but {first} reads {columns_of[first]}; all "
                "models must read the same"
            )
        if named[name].horizon != named[first].horizon:
            raise ParameterError(
                f"leaderboard: {name} has the horizon {named[name].horizon}, but {first} has "
                f"{named[first].horizon}; only forecasts from the same cutoffs can be compared"
            )
        if name in (*roles, "cutoff") or re.search(r"-(lo|hi)-[0-9.]+$", name):
            raise ParameterError(
                f"leaderboard: models holds the name {name!r}, which is that of another column, or of an "
                "interval's bound; give the model another name, in a dict"
            )
    id_col, time_col, target = columns_of[first]
    return Columns(id_col, time_col, (target,), past=tuple(covariates))


def _renamed(forecasts: pd.DataFrame, columns: Columns, name: str) -> pd.DataFrame:
    """Rename the forecasts of a model so that they begin with its name on the board."""
    shared = {columns.id, columns.time, "cutoff", *columns.targets}
    of_model = [column for column in forecasts.columns if column not in shared]
    point = min(of_model, key=len)
    return forecasts.rename(columns={column: name + column.removeprefix(point) for column in of_model})


def _train(
    frame: pd.DataFrame,
    columns: Columns,
    named: Mapping[str, Any],
    windows: int,
    step: int | None,
    season_length: int | None,
) -> tuple[pd.DataFrame, int]:
    """Return the rows before the first cutoff, by which errors are scaled, and their seasonal period."""
    freq = next((model.freq for model in named.values() if getattr(model, "freq", None) is not None), None)
    origins = read_origins(frame, columns, freq)
    horizon = int(next(iter(named.values())).horizon)
    back = (windows - 1) * (step or horizon) + horizon
    train = frame.iloc[origins.before(np.maximum(origins.lengths - back, 1))]
    return train, season_of(train, columns, origins.frequency) if season_length is None else season_length


def _ranked(
    table: pd.DataFrame, named: Mapping[str, Any], seconds: Mapping[str, float], metric: str
) -> pd.DataFrame:
    scores = table.set_index("metric").T
    scores.index.name, scores.columns.name = "model", None
    scores = scores.reindex(list(named)).reset_index()
    scores["seconds"] = scores["model"].map(seconds)
    scores["baseline"] = [isinstance(named[name], Baseline) for name in scores["model"]]
    column = first_column(metric, scores)
    order = scores[column]
    if column.startswith("coverage-"):
        order = (order - float(column.removeprefix("coverage-")) / 100).abs()
    return scores.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
