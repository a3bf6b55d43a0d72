"""The job of the command ``anomalies``.

Files are checked first: the first name taken from ``tsseq2seq`` loads torch, which takes seconds.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import tsseq2seq
from tsseq2seq.cli import anomaly_options, options, outputs, show
from tsseq2seq.cli.checkpoint_options import Checkpointing, fit_with_checkpoints
from tsseq2seq.cli.contents import stem
from tsseq2seq.cli.history import HistoryTable, read_history, read_history_for
from tsseq2seq.cli.load_here import load_here
from tsseq2seq.cli.look import Look, look_of
from tsseq2seq.cli.results import check_results
from tsseq2seq.cli.times import write_times
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import ModelFileError, ParameterError

__all__ = ["anomalies"]

# Most stretches of anomalies that are printed.
_MOST = 20


def anomalies(
    *,
    data: Path,
    results: options.Results,
    shown: options.Shown,
    table: anomaly_options.SeriesTable,
    reading: options.Reading,
    learning: anomaly_options.WindowLearning,
    checkpointing: Checkpointing,
    model: Path | None,
) -> None:
    """Score a file by an autoencoder that is fitted on it, or that a folder holds, and report anomalies."""
    check_results(results, {"DATA": data})
    kept = model is not None and (model / "model.json").exists()
    if model is not None and not kept:
        outputs.check_folder(model)
    if kept:
        assert model is not None
        _refuse_given(model, table, learning, checkpointing)
        fitted = _load(model)
        history = read_history_for(fitted, data, reading, forecast=False)
    else:
        history = read_history(data, table.as_table(), reading, forecast=False)
        fitted = _make(history.columns, table.freq, learning)
    look = look_of(history, shown, label=stem(data), drawn=results.plot is not None)
    if kept:
        show.tell(f"scored by the model in {model}, which was fitted before")
    else:
        fit_with_checkpoints(fitted, checkpointing, history.frame)
        _tell(fitted)
    if model is not None and not kept:
        fitted.save(model)
        show.tell(f"saved in {model}")
    scores = fitted.anomaly_scores(history.frame)
    _report(fitted, scores, history, results, look)


def stretches(scores: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """Return the stretches of anomalies, the highest score first.

    Examples
    --------
    >>> scores = pd.DataFrame({"ds": [1, 2, 3, 4], "score": [0.5, 9.0, 8.0, 0.2]})
    >>> stretches(scores.assign(is_anomaly=scores["score"] > 5), Columns(None))
       from  to  steps  score
    0     2   3      2    9.0
    """
    ids = np.zeros(len(scores), dtype=np.int64)
    if columns.id is not None:
        ids = pd.factorize(scores[columns.id])[0]
    flags = scores["is_anomaly"].to_numpy(dtype=bool)
    begins = flags & ~(np.roll(flags, 1) & (np.roll(ids, 1) == ids))
    if len(flags):
        begins[0] = flags[0]
    rows, number = scores[flags], np.cumsum(begins)[flags]
    groups = rows.groupby(number, sort=False)
    found = pd.DataFrame(
        {
            **({} if columns.id is None else {columns.id: groups[columns.id].first()}),
            "from": groups[columns.time].first(),
            "to": groups[columns.time].last(),
            "steps": groups.size(),
            "score": groups["score"].max(),
        }
    )
    return found.sort_values("score", ascending=False, kind="stable", ignore_index=True)


def _make(
    columns: Columns, freq: str | None, given: anomaly_options.WindowLearning
) -> tsseq2seq.Seq2SeqAutoencoder:
    """Return an unfitted autoencoder with the settings of the options."""
    model = tsseq2seq.Seq2SeqAutoencoder(
        id_col=columns.id,
        time_col=columns.time,
        target_col=columns.targets if len(columns.targets) > 1 else columns.targets[0],
        weight_col=columns.weight,
        freq=freq,
    )
    said = {
        "window_length": given.window_length,
        "false_alarms": given.false_alarms,
        "latent_size": given.latent_size,
        "noise": given.noise,
        "training__members": given.members,
        "training__max_steps": given.max_steps,
        "training__max_time": given.max_time,
        "training__device": given.device,
        "seed": given.seed,
    }
    model.set_params(**{name: value for name, value in said.items() if value is not None})
    return model


def _load(model: Path) -> tsseq2seq.Seq2SeqAutoencoder:
    fitted = load_here(model)
    if not isinstance(fitted, tsseq2seq.Seq2SeqAutoencoder):
        raise ModelFileError(f"{model} is a {type(fitted).__name__}, which does not find anomalies")
    return fitted


def _refuse_given(
    model: Path,
    table: anomaly_options.SeriesTable,
    learning: anomaly_options.WindowLearning,
    checkpointing: Checkpointing,
) -> None:
    """Refuse settings for a model that is fitted already."""
    for name, value in (vars(table) | vars(learning) | vars(checkpointing)).items():
        if value not in (None, False):
            raise ParameterError(
                f"--{name.replace('_', '-')} is given, but {model} holds a model that was fitted before; "
                "leave it out, or name another --model"
            )


def _tell(model: tsseq2seq.Seq2SeqAutoencoder) -> None:
    """Report the settings chosen from the data, and the steps and time of training."""
    show.tell(
        f"frequency {model.frequency_.alias}, window {model.window_length_}, segment "
        f"{model.segment_length_}, latent size {model.latent_size_}, scaling {model.scaling_}; "
        f"{show.training_steps(model.history_, model.training_.max_steps)}"
    )


def _report(
    model: tsseq2seq.Seq2SeqAutoencoder,
    scores: pd.DataFrame,
    history: HistoryTable,
    results: options.Results,
    look: Look,
) -> None:
    """Write the files, then print the stretches of anomalies."""
    columns = history.columns
    if results.output is not None:
        outputs.write_table(
            scores,
            results.output,
            times=[columns.time],
            style=history.style,
            formulas_as_text=results.formulas_as_text,
        )
    if results.plot is not None:
        from tsseq2seq.cli.picture import draw_anomalies

        draw_anomalies(results.plot, scores, columns, look)
    count, known = int(scores["is_anomaly"].sum()), int(scores["score"].notna().sum())
    show.tell(
        f"{count:,} of {known:,} time steps have a score above {model.threshold_:.4g}; asked "
        f"for was one above which {100 * model.fitted_.resolved.false_alarms:g} % of usual ones lie"
    )
    shown = scores
    if look.chosen:
        shown = scores[scores[columns.id].isin(look.chosen)]
    found = stretches(shown, columns)
    if not len(found):
        show.put("no anomalies")
        return
    printed = found.head(_MOST)
    printed = printed.assign(**{end: write_times(printed[end], history.style) for end in ("from", "to")})
    show.put(show.format_scores(printed))
    if len(found) > _MOST:
        show.put(f"… and {len(found) - _MOST:,} more stretches; --output writes the score of each step")
