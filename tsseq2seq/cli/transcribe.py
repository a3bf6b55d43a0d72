"""The commands ``transcribe fit``, ``predict`` and ``evaluate``; their work is in ``transcribe_jobs``."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import typer

from tsseq2seq.cli import options, transcribe_options, translate_options
from tsseq2seq.cli.checkpoint_options import Checkpointing
from tsseq2seq.cli.groups import takes_groups
from tsseq2seq.cli.help_group import HelpGroup

__all__ = ["app"]

Job = Callable[[], None]

app = typer.Typer(
    cls=HelpGroup,
    help="Train a transcriber on arrays and their texts, and transcribe with it.\n\n"
    "Speech features, handwriting, pictures of lines: each recording is an array (T, F), steps by features, "
    "in an .npy file.",
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq transcribe fit lines texts.csv --model digits --by-columns --patches\n"
    "  tsseq2seq transcribe predict new_lines --model digits --by-columns --output read.csv\n"
    "  tsseq2seq transcribe evaluate held_out held_out.csv --model digits --by-columns",
)


def _run_job(job: str, options: dict[str, Any]) -> None:
    # imported only now: --help need not wait for pandas and torch
    getattr(importlib.import_module("tsseq2seq.cli.transcribe_jobs"), job)(**options)


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq transcribe fit speech texts.csv --model words --tokenizer word\n"
    "  tsseq2seq transcribe fit lines texts.csv --model digits --by-columns --patches --max-time 600"
)
@takes_groups
def fit(
    folder: transcribe_options.Folder,
    table: transcribe_options.Table,
    model: options.Model,
    arrays: transcribe_options.Arrays,
    texts: transcribe_options.Texts,
    architecture: transcribe_options.Architecture,
    learning: translate_options.Learning,
    checkpointing: Checkpointing,
) -> Job:
    """Fit a transcriber on the arrays of FOLDER and the texts in TABLE, and save it.

    To use the model, run `tsseq2seq transcribe predict`, or call `tsseq2seq.load` in Python.
    """
    return functools.partial(_run_job, "fit", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq transcribe predict new_lines --model digits --output read.csv\n"
    "  tsseq2seq transcribe predict new_lines --model digits --n-best 3"
)
@takes_groups
def predict(
    folder: transcribe_options.Folder,
    model: options.Model,
    arrays: transcribe_options.Arrays,
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    n_best: transcribe_options.NBest = 1,
    prefix: transcribe_options.Prefix = None,
    output: transcribe_options.Transcriptions = None,
) -> Job:
    """Print the transcription of each .npy file in FOLDER, as a table of files and texts.

    With --n-best or --num-samples above 1 there is a row for each transcription: file, rank, score (by which
    they are ranked), log-probability, text.
    """
    return functools.partial(_run_job, "predict", locals())


@app.command(
    epilog="Example:\n\n\b\n"
    "  tsseq2seq transcribe evaluate held_out held_out.csv --model digits --output scores.csv"
)
@takes_groups
def evaluate(
    folder: transcribe_options.Folder,
    table: transcribe_options.Table,
    model: options.Model,
    arrays: transcribe_options.Arrays,
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    prefix: transcribe_options.Prefix = None,
    output: options.Output = None,
) -> Job:
    """Score a saved transcriber on the arrays of FOLDER and the texts in TABLE.

    token_accuracy and perplexity are computed with teacher forcing: each token is predicted from the true
    ones before it. The other scores compare whole transcriptions with the texts. exact_match and cer
    (character error rate) are shares. chrf, bleu and rouge are from 0 to 100; bleu and rouge take tokens
    to be separated by spaces.
    """
    return functools.partial(_run_job, "evaluate", locals())
