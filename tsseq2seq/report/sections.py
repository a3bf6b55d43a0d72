"""The sections of a report, in their order; one that has nothing to say is left out."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version

import numpy as np
import pandas as pd

from tsseq2seq.report.findings import Findings
from tsseq2seq.report.markup import Section, number, paragraph, table
from tsseq2seq.report.pictures import (
    attention_picture,
    error_picture,
    forecast_picture,
    residual_picture,
)
from tsseq2seq.report.scored import coverage_by_step, errors_by_step, residuals

__all__ = ["sections"]

# Series of the table of a panel; more are in the chart's list alone.
_MOST_ROWS = 5000


def sections(findings: Findings) -> list[Section]:
    """Return the sections of a report."""
    return [section for write in _SECTIONS for section in write(findings)]


def _data(findings: Findings) -> Iterator[Section]:
    panel, columns = findings.model.fitted_.panel, findings.columns
    lengths = panel.lengths.cpu().numpy()
    values = findings.history[columns.targets[0]].to_numpy(dtype=float)
    missing = int(lengths.sum() - np.isfinite(values).sum())
    times = findings.history[columns.time]
    season = findings.model.season_length_
    rows = [
        ("series", f"{panel.count:,}"),
        ("time steps of a series", _range(lengths)),
        ("from, to", f"{number(times.min())}, {number(times.max())}"),
        ("frequency", panel.frequency.alias),
        ("season found, in time steps", "none" if season is None else number(season)),
        ("values that are missing", f"{missing:,} of {int(lengths.sum()):,}"),
        ("values that are 0", f"{int((values == 0).sum()):,}"),
        ("lowest, median, highest value", ", ".join(number(float(q)) for q in _three(values))),
    ]
    yield Section(
        "data", "The data", table(pd.DataFrame(rows, columns=["what", "is"]), "What is in the data")
    )


def _leaderboard(findings: Findings) -> Iterator[Section]:
    if findings.board is None:
        yield Section("leaderboard", "Backtest", paragraph(f"There is no backtest: {findings.too_short}"))
        return
    scores = findings.board.scores.drop(columns="baseline")
    text = paragraph(findings.board.verdict, "verdict") if findings.board.verdict else ""
    cutoffs = findings.board.forecasts["cutoff"].nunique()
    text += paragraph(
        f"Forecasts from {cutoffs:,} earlier times of {findings.backtested:,} series. The network was "
        "trained once, on what came before the first of them; the other two before each."
    )
    yield Section("leaderboard", "Is the network worth it?", text + table(scores, "Errors of each model"))


def _forecast(findings: Findings) -> Iterator[Section]:
    level = findings.levels[-1] if findings.levels else None
    text = (
        "" if level is None else f" The band holds {level:g} of 100 values, if the future is like the past."
    )
    body = paragraph(
        "Move over the chart to read values; drag to zoom, click twice to see all again." + text, "scripted"
    )
    body += (
        '<div id="chart" class="scripted" role="img" aria-label="The chosen series and its forecast"></div>'
    )
    body += f'<div class="still">{forecast_picture(findings)}</div>'
    rows = _series_table(findings)
    if len(rows) > 1:
        body += '<p class="scripted"><label>Find a series: <input id="find" type="search"></label></p>'
        body += (
            '<div id="panel">' + table(rows.head(_MOST_ROWS), "All series; choose one to draw it") + "</div>"
        )
        if len(rows) > _MOST_ROWS:
            body += paragraph(f"The first {_MOST_ROWS:,} of {len(rows):,} series are listed.")
    else:
        shown = findings.forecast.drop(columns=[findings.columns.id], errors="ignore")
        body += table(shown, "The forecast")
    yield Section("forecast", "The forecast", body)


def _series_table(findings: Findings) -> pd.DataFrame:
    columns, forecast, history = findings.columns, findings.forecast, findings.history
    if not findings.has_ids:
        return pd.DataFrame({"series": [""]})
    ahead = forecast.groupby(columns.id, sort=False)["Seq2Seq"].mean()
    last = history.groupby(columns.id, sort=False)[columns.targets[0]]
    horizon = findings.model.fitted_.horizon
    before = last.apply(lambda values: values.tail(horizon).mean()).reindex(ahead.index)
    change = 100 * (ahead - before) / before.abs().where(before != 0)
    return pd.DataFrame(
        {
            "series": ahead.index.astype(str),
            "values": last.size().reindex(ahead.index).to_numpy(),
            f"mean of the last {horizon}": before.to_numpy(),
            "mean of the forecast": ahead.to_numpy(),
            "change, %": change.to_numpy(),
        }
    )


def _errors(findings: Findings) -> Iterator[Section]:
    if findings.board is None:
        return
    errors = errors_by_step(findings.board)
    body = error_picture(errors) + table(errors.reset_index(), "Mean absolute error by step of the horizon")
    yield Section("errors", "Errors by step of the horizon", body)
    if findings.levels:
        covered = coverage_by_step(findings.board, findings.levels)
        text = paragraph(
            "How many true values of the backtest lie inside the intervals, in percent. Far below the level "
            "an interval promises too much."
        )
        yield Section(
            "calibration", "Do the intervals hold?", text + table(covered.reset_index(), "Share inside, %")
        )
    left = residuals(findings.board)
    yield Section("residuals", "What is left over", residual_picture(left) + paragraph(_of_residuals(left)))


def _of_residuals(left: pd.DataFrame) -> str:
    mean, spread = left["residual"].mean(), left["residual"].std()
    sign = "above" if mean > 0 else "below"
    return (
        f"On average the true values lie {number(abs(float(mean)))} {sign} the forecast; the errors spread "
        f"by {number(float(spread))} (standard deviation)."
    )


def _covariates(findings: Findings) -> Iterator[Section]:
    if findings.importance is None:
        return
    text = paragraph(
        "By how much the error grows when a covariate is shuffled: 0.1 is a tenth; 0 is not used."
    )
    yield Section(
        "covariates", "Covariates", text + table(findings.importance, "Importance of the covariates")
    )


def _attention(findings: Findings) -> Iterator[Section]:
    if findings.attention is not None:
        text = paragraph("Where in the history each step of the forecast looks, of the first series.")
        yield Section(
            "attention", "Attention", text + attention_picture(findings.attention, findings.columns.id)
        )


def _settings(findings: Findings) -> Iterator[Section]:
    model = findings.model
    chosen = "".join(f"<li>{number(sentence)}</li>" for sentence in model.choices_)
    rows = [
        ("context, in time steps", model.context_length_),
        ("horizon, in time steps", model.fitted_.horizon),
        ("segment, in time steps", model.segment_length_),
        ("scaling", model.scaling_),
        ("output", repr(model.output_)),
        ("network's share of the forecast", float(model.network_share_)),
        ("training steps", model.n_steps_),
        *((f"seconds: {what}", round(took, 1)) for what, took in findings.seconds.items()),
        *((f"version of {name}", _version(name)) for name in ("tsseq2seq", "torch", "pandas", "numpy")),
        ("Python", platform.python_version()),
    ]
    body = f"<ul>{chosen}</ul>" if chosen else ""
    body += table(pd.DataFrame(rows, columns=["what", "is"]), "Settings and versions")
    yield Section("settings", "How it was made", body)


def _version(name: str) -> str:
    return version(name)


def _range(lengths: np.ndarray) -> str:
    low, middle, high = (int(each) for each in (lengths.min(), np.median(lengths), lengths.max()))
    return f"{low:,}" if low == high else f"{low:,} to {high:,}, median {middle:,}"


def _three(values: np.ndarray) -> np.ndarray:
    known = values[np.isfinite(values)]
    return np.quantile(known, [0, 0.5, 1]) if len(known) else np.full(3, np.nan)


_SECTIONS: tuple[Callable[[Findings], Iterator[Section]], ...] = (
    _data,
    _leaderboard,
    _forecast,
    _errors,
    _covariates,
    _attention,
    _settings,
)
