"""The job of the command ``tune``: a hyperparameter search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

import tsseq2seq
from tsseq2seq.cli import options, outputs, show
from tsseq2seq.cli.history import read_history
from tsseq2seq.cli.models import check_levels, make_model

__all__ = ["tune"]


def tune(
    *,
    data: Path,
    horizon: int,
    search: options.SettingsSearch,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    model: Path | None,
    write_settings: Path | None,
    output: Path | None,
) -> None:
    """Search settings on a file, print the best ones, and write what is asked for."""
    if model is not None:
        outputs.check_folder(model)
    if write_settings is not None:
        outputs.check_file(write_settings, "--write-settings")
    if output is not None:
        outputs.check_table(output)
    outputs.check_distinct({"DATA": data, "--output": output, "--write-settings": write_settings})
    check_levels(learning)
    history = read_history(data, table, reading)
    estimator = make_model(horizon, history.columns, table.freq, learning)
    # without a limit, the default number of trials of tsseq2seq.tune
    limited = search.trials is not None or search.timeout is not None
    trial_limit: dict[str, Any] = {"trials": search.trials} if limited else {}
    result = tsseq2seq.tune(
        estimator,
        history.frame,
        **trial_limit,
        timeout=search.timeout,
        metric=search.metric,
        windows=search.windows,
        step=search.step,
        storage=search.storage,
        study_name=search.study,
        jobs=search.jobs,
        heartbeat=search.heartbeat,
        refit=model is not None,
    )
    if output is not None:
        outputs.write_table(result.trials, output, times=[], style=history.style)
    if model is not None:
        result.best_estimator.save(model)
    if write_settings is not None:
        from tsseq2seq.cli import settings_file

        plain = make_model(horizon, history.columns, table.freq, options.Learning())
        settings_file.write_settings(
            settings_file.changed_settings(result.best_estimator, plain), write_settings
        )
    show.put(_report(result.trials, search.metric))


def _report(trials: pd.DataFrame, metric: str) -> str:
    """Return lines of text: the states of the trials, then the best settings."""
    done = trials[trials["state"] == "complete"]
    ended = ", ".join(f"{count} {state}" for state, count in trials["state"].value_counts().items())
    lines = [f"{len(trials)} trials: {ended}"]
    if len(done):
        best = done.iloc[int(done[metric].argmin())]
        as_given = done.loc[done["as_given"], metric]
        if len(as_given):
            lines.append(f"{metric} as given: {as_given.iloc[0]:.4g}")
        lines.append(f"{metric} at best: {best[metric]:.4g} (trial {best['number']})")
        settings = best.iloc[list(trials.columns).index("error") + 1 :].dropna()
        lines += [f"  {name} = {value}" for name, value in settings.items()]
    return "\n".join(lines)
