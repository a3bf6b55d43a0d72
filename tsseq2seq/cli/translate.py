"""The commands ``translate fit``, ``predict`` and ``evaluate``; their work is done in ``translate_jobs``."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import typer

from tsseq2seq.cli import options, translate_options
from tsseq2seq.cli.checkpoint_options import Checkpointing
from tsseq2seq.cli.groups import takes_groups
from tsseq2seq.cli.help_group import HelpGroup

__all__ = ["app"]

Job = Callable[[], None]


app = typer.Typer(
    cls=HelpGroup,
    help="Train a translator on pairs of sentences, and translate with it.\n\n"
    "Files are in UTF-8. A line holds one sentence, or one pair: source, tab, target.",
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq translate fit pairs.tsv --model greek\n"
    "  tsseq2seq translate predict new.txt --model greek --output new.el.txt\n"
    "  tsseq2seq translate evaluate held_out.tsv --model greek",
)


def _run_job(job: str, options: dict[str, Any]) -> None:
    # imported only now: --help need not wait for pandas and torch
    getattr(importlib.import_module("tsseq2seq.cli.translate_jobs"), job)(**options)


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq translate fit pairs.tsv --model greek\n"
    "  tsseq2seq translate fit --source train.en --target train.de --model german \\\n"
    "    --tokenizer bpe --lowercase --validation-size 500 --max-time 3600"
)
@takes_groups
def fit(
    pairs: translate_options.Pairs,
    model: options.Model,
    tokens: translate_options.Tokens,
    architecture: translate_options.Architecture,
    learning: translate_options.Learning,
    checkpointing: Checkpointing,
) -> Job:
    """Fit a translator on pairs of sentences and save it.

    To use the model, run `tsseq2seq translate predict`, or call `tsseq2seq.load` in Python.
    """
    return functools.partial(_run_job, "fit", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq translate predict new.txt --model greek --output new.el.txt\n"
    "  tsseq2seq translate predict new.txt --model greek --n-best 3\n"
    "  tsseq2seq translate predict new.txt --model greek --temperature 0.8 --num-samples 5 --seed 1\n"
    "  echo 'Good morning.' | tsseq2seq translate predict - --model greek"
)
@takes_groups
def predict(
    file: translate_options.Sentences,
    model: options.Model,
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    n_best: translate_options.NBest = 1,
    prefix: translate_options.Prefix = None,
    output: translate_options.Translations = None,
) -> Job:
    """Print the translation of each line of FILE.

    One line is printed for each line of FILE; empty lines stay empty, as do lines from which the model's
    cleaning removes everything. With --n-best or --num-samples above 1, one line is printed for each
    translation, with fields separated by tabs: line number in FILE, rank, score (by which translations are
    ranked), log-probability, text. Empty lines are then left out.
    """
    return functools.partial(_run_job, "predict", locals())


@app.command(
    epilog="Example:\n\n\b\n  tsseq2seq translate evaluate held_out.tsv --model greek --output scores.csv"
)
@takes_groups
def evaluate(
    pairs: translate_options.Pairs,
    model: options.Model,
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    prefix: translate_options.Prefix = None,
    output: options.Output = None,
) -> Job:
    """Score a saved translator on pairs of sentences.

    token_accuracy and perplexity are computed with teacher forcing: each token is predicted from the true
    ones before it. The other scores compare whole translations with the targets. exact_match and cer
    (character error rate) are shares. chrf, bleu and rouge are from 0 to 100; bleu and rouge take tokens to
    be separated by spaces.
    """
    return functools.partial(_run_job, "evaluate", locals())
