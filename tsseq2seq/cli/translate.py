"""The commands ``translate fit``, ``predict`` and ``evaluate``; what they do is in ``translate_jobs``."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any, final

import typer
from typer.core import TyperGroup

from tsseq2seq.cli import options, translate_options
from tsseq2seq.cli.groups import takes_groups

__all__ = ["app"]

Job = Callable[[], None]


@final
class _Group(TyperGroup):
    """Shows its help where no command is named; typer's own way ends in an error with the help in it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (typer's, which moves)
        return super().parse_args(ctx, args or ["--help"])


app = typer.Typer(
    cls=_Group,
    help="Learn to translate from pairs of sentences, and do it.\n\n"
    "Files are in UTF-8 and hold one sentence a line; or one pair a line, with a tab between source and "
    "target.",
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq translate fit pairs.tsv --model greek\n"
    "  tsseq2seq translate predict new.txt --model greek --output new.el.txt\n"
    "  tsseq2seq translate evaluate held_out.tsv --model greek",
)


def _do(job: str, given: dict[str, Any]) -> None:
    # imported only now: --help need not wait for pandas and torch
    getattr(importlib.import_module("tsseq2seq.cli.translate_jobs"), job)(**given)


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
) -> Job:
    """Fit a translator on pairs of sentences and save it.

    It is loaded by `tsseq2seq translate predict`, and in Python by `tsseq2seq.load`.
    """
    return functools.partial(_do, "fit", locals())


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

    There are as many lines as in FILE; an empty one stays empty, as does one of which the model's cleaning
    leaves nothing. With --n-best or --num-samples above 1 there is a line for each translation found, its
    fields separated by tabs: the number of the line in FILE, the rank, the score by which it is ranked, its
    log-probability, the text. Empty lines then have none.
    """
    return functools.partial(_do, "predict", locals())


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
    """Print how close a saved translator comes to the targets of pairs.

    token_accuracy and perplexity are of tokens, the truth before each being known. The other scores are of
    whole translations: exact_match and cer (wrong characters) as shares; chrf and bleu, of tokens between
    blanks, from 0 to 100.
    """
    return functools.partial(_do, "evaluate", locals())
