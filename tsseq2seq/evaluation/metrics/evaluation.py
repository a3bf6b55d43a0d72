"""``evaluate``: from a frame of forecasts to a table of metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import read_frame
from tsseq2seq.data.frames.whole_frame import give_back_whole, read_whole
from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError, TsSeq2SeqWarning, warn
from tsseq2seq.evaluation.metrics import point, probabilistic
from tsseq2seq.evaluation.metrics.columns import find_models
from tsseq2seq.evaluation.metrics.own import Metric, check_own_names, score_own
from tsseq2seq.evaluation.metrics.rows import CUTOFF, read_rows
from tsseq2seq.evaluation.metrics.scales import read_histories
from tsseq2seq.evaluation.metrics.scoring import Scores, Scoring
from tsseq2seq.keywords import checked_arguments

__all__ = ["METRICS", "evaluate"]

#: The metrics by name.
METRICS: dict[str, Callable[[Scoring], Scores]] = {
    "mae": point.score_mae,
    "rmse": point.score_rmse,
    "mape": point.score_mape,
    "smape": point.score_smape,
    "mase": point.score_mase,
    "rmsse": point.score_rmsse,
    "owa": point.score_owa,
    "pinball": probabilistic.score_pinball,
    "weighted_quantile_loss": probabilistic.score_weighted_quantile_loss,
    "crps": probabilistic.score_crps,
    "coverage": probabilistic.score_coverage,
    "interval_score": probabilistic.score_interval,
}

_USUAL = ("mae", "rmse", "smape")
_SCALED = ("mase", "rmsse", "owa")


@checked_arguments
def evaluate(
    forecasts: Any,  # noqa: ANN401
    metrics: Sequence[Metric] | None = None,
    *,
    train: Any = None,  # noqa: ANN401
    season_length: int | None = None,
    by: str | None = None,
    models: Sequence[str] | None = None,
    id_col: str | None = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
) -> Any:  # noqa: ANN401
    """Score forecasts.

    Parameters
    ----------
    forecasts
        A row for each series, time stamp and (in a backtest) ``cutoff``, with the truth and a column
        for each model. Bounds of intervals have Nixtla's column names, ``ETS-lo-90`` and ``ETS-hi-90``. A
        frame without the column ``unique_id`` is one series. Rows whose truth is NaN are left out. A frame
        of pandas, polars or another library, as :func:`~tsseq2seq.backtest` returns it.
    metrics
        Names of metrics: ``"mae"``, ``"rmse"``, ``"mape"``, ``"smape"``, ``"mase"``, ``"rmsse"``, ``"owa"``,
        ``"pinball"``, ``"weighted_quantile_loss"``, ``"crps"``, ``"coverage"``, ``"interval_score"``. None:
        MAE, RMSE, sMAPE and MASE, which is left out, with a warning, where ``train`` is None. Or functions of
        one's own, such as scikit-learn's, called with the truth and the point forecasts of each forecast's
        rows, two arrays, and returning a number; each stands in the table under its ``__name__``.
    train
        The training data, by which MASE, RMSSE and OWA scale each series at all cutoffs: a long frame, or any
        other that a forecaster takes, such as the history without what the backtest forecast.
    season_length
        Seasonal period for MASE, RMSSE and OWA, in time steps.
    by
        What there is one result for: ``id_col``, ``"cutoff"``, or ``"step"`` (counted from 1 within each
        series and cutoff). None: one result for all rows.
    models
        The columns to score. None: all columns without another role.
    id_col, time_col, target_col
        Names of the columns.

    Returns
    -------
    pandas.DataFrame or polars.DataFrame, as ``forecasts``
        ``by`` if it is not None, ``metric``, and a column for each model. Pinball loss has a row for each
        quantile (``pinball-0.05``), coverage and interval score a row for each level (``coverage-90``), the
        weighted quantile loss a row for the mean and one for each quantile. A model without the interval has
        NaN.

    Raises
    ------
    ParameterError
        If a metric is unknown, lacks ``train``, ``season_length`` or the column ``Naive2``, or is a function
        without a name, as a lambda, or with the name of another metric.
    ParameterTypeError
        If a function returns anything but a number.
    DataError
        If a column is missing or not numeric, a row occurs twice, or a series is not in ``train``.

    Notes
    -----
    Each forecast (a series and a cutoff) has a score, and the result is the mean over forecasts, as in
    utilsforecast and M4. By step, each series and step has a score, over the cutoffs. Two metrics differ: the
    weighted quantile loss sums over all rows before it divides, and OWA divides means. MAPE and sMAPE are in
    percent (sMAPE up to 200). The point forecast counts as the quantile 0.5. The mean over quantiles and the
    CRPS use all quantiles of all models; a model that lacks one has NaN, since it would not be comparable.

    Left out of the mean, with a :class:`~tsseq2seq.errors.DataWarning`, are series whose scale is 0 (MASE,
    RMSSE), rows whose truth is 0 (MAPE), rows where a model's forecast is NaN, and forecasts for which a
    function of one's own returns NaN.

    Examples
    --------
    >>> forecasts = pd.DataFrame({"ds": [4, 5], "y": [10.0, 20.0], "A": [11.0, 19.0], "B": [10.0, 24.0]})
    >>> train = pd.DataFrame({"ds": [1, 2, 3], "y": [1.0, 2.0, 4.0]})
    >>> evaluate(forecasts, ["mae", "mase"], train=train, season_length=1)
      metric         A         B
    0    mae  1.000000  2.000000
    1   mase  0.666667  1.333333

    A metric of one's own:

    >>> def largest_error(y_true, y_pred):
    ...     return max(abs(y_true - y_pred))
    >>> evaluate(forecasts, ["mae", largest_error])
              metric    A    B
    0            mae  1.0  2.0
    1  largest_error  1.0  4.0
    """
    forecasts, kind = read_whole(forecasts, "forecasts")
    metrics = _chosen(metrics, train, season_length)
    rows = read_rows(forecasts, by=by, id_col=id_col, time_col=time_col, target_col=target_col)
    taken = [name for name in (id_col, time_col, target_col, CUTOFF) if name is not None]
    scored = find_models(
        forecasts, taken, None if models is None else _with_naive2(models, metrics, forecasts)
    )
    named = id_col in forecasts.columns
    histories = None
    if any(metric in _SCALED for metric in metrics):
        columns = Columns(id=id_col if named else None, time=time_col, targets=(target_col,))
        train = None if train is None else read_frame(train, columns, name="train")[0]
        histories = read_histories(
            train, rows.names, season_length=season_length, named=named, columns=columns
        )
    scoring = Scoring(rows, scored, histories)
    _warn_of_missing_forecasts(scoring)
    scores: Scores = {}
    for metric in metrics:
        scores.update(METRICS[metric](scoring) if isinstance(metric, str) else score_own(metric, scoring))
    shown = [model.name for model in scored] if models is None else list(models)
    return give_back_whole(_table(scores, [model.name for model in scored], shown, by, rows.labels), kind)


def _chosen(metrics: Sequence[Metric] | None, train: object, season_length: int | None) -> Sequence[Metric]:
    """Return the metrics asked for, or the usual ones that can be computed; the others are said."""
    if metrics is not None:
        _check_metrics(metrics)
        return metrics
    if train is not None or season_length is not None:
        return (*_USUAL, "mase")
    warn(
        "evaluate: mase is left out, because a frame of forecasts does not hold the training data that scale "
        "it; pass train= (the history before the first cutoff) and season_length= (1 where there is no "
        "season), or name the metrics wanted",
        TsSeq2SeqWarning,
    )
    return _USUAL


def _check_metrics(metrics: Sequence[Metric]) -> None:
    if not isinstance(metrics, list | tuple):
        raise ParameterTypeError(
            f"metrics is {metrics!r}; it must be a list of names such as ['mae', 'mase'], or of functions"
        )
    if not metrics:
        raise ParameterError(f"metrics is empty; there are: {', '.join(METRICS)}")
    for metric in metrics:
        if not callable(metric) and not (isinstance(metric, str) and metric in METRICS):
            raise ParameterError(
                f"metrics holds {metric!r}; there are: {', '.join(METRICS)}; or give a function of truth and "
                "forecast"
            )
    check_own_names(metrics, METRICS)


def _with_naive2(models: Sequence[str], metrics: Sequence[Metric], forecasts: pd.DataFrame) -> list[str]:
    """Return the models to score: OWA needs Naive2 even if ``models`` does not name it."""
    needed = "owa" in metrics and point.NAIVE2 in forecasts.columns and point.NAIVE2 not in models
    return [*models, point.NAIVE2] if needed else list(models)


def _warn_of_missing_forecasts(scoring: Scoring) -> None:
    for model in scoring.models:
        numbers = np.stack([scoring.rows.column(column) for column in model.columns])
        missing: np.ndarray = np.isnan(numbers).any(axis=0)
        if missing.any():
            warn(
                f"{model.name} forecast NaN in {missing.sum()} of {len(missing)} rows, the first of series "
                f"{scoring.rows.name(int(np.argmax(missing)))}; they are left out of its metrics, which then "
                "compare badly with the others'",
                DataWarning,
            )


def _table(
    scores: Scores, names: list[str], shown: list[str], by: str | None, labels: pd.Index | None
) -> pd.DataFrame:
    """Return the scores as a frame: for each metric, a row for each result."""
    count = 1 if labels is None else len(labels)
    head: dict[str, object] = {}
    if by is not None and labels is not None:
        head[by] = labels[np.tile(np.arange(count), len(scores))]
    head["metric"] = [name for name in scores for _ in range(count)]
    values = np.concatenate(list(scores.values()))
    return pd.DataFrame({**head, **{name: values[:, names.index(name)] for name in shown}})
