"""The jobs of the commands ``transcribe fit``, ``predict`` and ``evaluate``.

Options are checked first: the first name taken from ``tsseq2seq`` loads torch, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import tsseq2seq
from tsseq2seq.cli import outputs, show, transcribe_options, translate_options
from tsseq2seq.cli.checkpoint_options import Checkpointing, fit_with_checkpoints
from tsseq2seq.cli.search_keywords import search_keywords
from tsseq2seq.cli.terminal import harmless
from tsseq2seq.cli.transcribe_files import list_arrays, read_arrays, read_recordings
from tsseq2seq.cli.transcribe_models import load_transcriber, make_transcriber, tell_transcriber
from tsseq2seq.errors import ParameterError, require

__all__ = ["evaluate", "fit", "predict"]


def fit(
    *,
    folder: Path,
    table: Path,
    model: Path,
    arrays: transcribe_options.Arrays,
    texts: transcribe_options.Texts,
    architecture: transcribe_options.Architecture,
    learning: translate_options.Learning,
    checkpointing: Checkpointing,
) -> None:
    """Fit on the arrays of a folder and the texts of a table, and save the model."""
    outputs.check_folder(model)
    transcriber = make_transcriber(texts, architecture, learning)
    read = read_recordings(folder, table, by_columns=arrays.by_columns)
    if learning.validation_size >= len(read.texts):
        raise ParameterError(
            f"--validation-size is {learning.validation_size}, but there are {len(read.texts)} files; at "
            "least one must be left to learn from"
        )
    show.tell(str(read))
    fit_with_checkpoints(transcriber, checkpointing, read.arrays, read.texts)
    tell_transcriber(transcriber)
    transcriber.save(model)
    show.tell(f"saved in {model}")


def predict(
    *,
    folder: Path,
    model: Path,
    arrays: transcribe_options.Arrays,
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    n_best: int,
    prefix: str | None,
    output: Path | None,
) -> None:
    """Transcribe the arrays of a folder."""
    if output is not None:
        outputs.check_table(output)
    names = list_arrays(folder)
    transcriber = load_transcriber(model)
    read = read_arrays(folder, names, by_columns=arrays.by_columns, width=transcriber.n_features_in_)
    rows = transcriber.transcribe(read, **search_keywords(search, sampling, prefix, n_best=n_best))
    several = max(n_best, sampling.num_samples or 1) > 1
    frame = _ranked(names, rows) if several else _best(names, rows)
    if output is not None:
        outputs.write_table(frame, output)
        return
    show.put(harmless(frame.to_csv(index=False).rstrip("\n")))


def evaluate(
    *,
    folder: Path,
    table: Path,
    model: Path,
    arrays: transcribe_options.Arrays,
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    prefix: str | None,
    output: Path | None,
) -> None:
    """Transcribe the arrays of a folder, and print and write the scores against the texts of a table."""
    if output is not None:
        outputs.check_table(output)
        outputs.check_distinct({"TABLE": table, "--output": output})
    # checked now: evaluate needs it only after all transcriptions
    require("sacrebleu", extra="text", purpose="transcribe evaluate")
    transcriber = load_transcriber(model)
    read = read_recordings(folder, table, by_columns=arrays.by_columns, width=transcriber.n_features_in_)
    keywords = search_keywords(search, sampling, prefix)
    scores = pd.DataFrame([transcriber.evaluate(read.arrays, read.texts, **keywords)])
    if output is not None:
        outputs.write_table(scores, output)
    show.tell(str(read))
    show.put(show.format_scores(scores))


def _best(names: Sequence[str], rows: Sequence[Sequence[tsseq2seq.Hypothesis]]) -> pd.DataFrame:
    """Return the best transcription of each file; an empty text where there is none."""
    return pd.DataFrame({"file": names, "text": [row[0].text if row else "" for row in rows]})


def _ranked(names: Sequence[str], rows: Sequence[Sequence[tsseq2seq.Hypothesis]]) -> pd.DataFrame:
    """Return a row for each transcription."""
    return pd.DataFrame(
        [
            (name, rank, one.score, one.log_probability, one.text)
            for name, row in zip(names, rows, strict=True)
            for rank, one in enumerate(row, start=1)
        ],
        columns=["file", "rank", "score", "log_probability", "text"],
    )
