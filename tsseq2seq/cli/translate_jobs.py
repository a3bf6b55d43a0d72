"""The jobs of the commands ``translate fit``, ``predict`` and ``evaluate``.

Files are checked first: the first name taken from ``tsseq2seq`` loads torch, which takes seconds.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import tsseq2seq
from tsseq2seq.cli import outputs, show, translate_options
from tsseq2seq.cli.checkpoint_options import Checkpointing, fit_with_checkpoints
from tsseq2seq.cli.search_keywords import search_keywords
from tsseq2seq.cli.translate_files import read_pairs, read_sentences, write_lines
from tsseq2seq.cli.translate_models import load_translator, make_translator, tell_translator
from tsseq2seq.errors import ParameterError, require

__all__ = ["evaluate", "fit", "predict"]


def fit(
    *,
    pairs: translate_options.Pairs,
    model: Path,
    tokens: translate_options.Tokens,
    architecture: translate_options.Architecture,
    learning: translate_options.Learning,
    checkpointing: Checkpointing,
) -> None:
    """Fit on pairs from files and save the model."""
    outputs.check_folder(model)
    read = read_pairs(pairs)
    translator = make_translator(tokens, architecture, learning)
    read.check(translator.cleaning.clean)
    _check_held_out(learning.validation_size, len(read.sources))
    show.tell(str(read))
    fit_with_checkpoints(translator, checkpointing, read.sources, read.targets)
    tell_translator(translator)
    translator.save(model)
    show.tell(f"saved in {model}")


def predict(
    *,
    file: Path,
    model: Path,
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    n_best: int,
    prefix: str | None,
    output: Path | None,
) -> None:
    """Translate the lines of a file."""
    if output is not None:
        outputs.check_file(output, "--output")
        outputs.check_distinct({"FILE": file, "--output": output})
    lines = read_sentences(file)
    translator = load_translator(model)
    # empty lines are left out: a network would make up a translation
    kept = [index for index, line in enumerate(lines) if translator.cleaning.clean(line)]
    keywords = search_keywords(search, sampling, prefix, n_best=n_best)
    translations = translator.translate([lines[index] for index in kept], **keywords)
    if len(kept) < len(lines):
        show.tell(f"{len(lines) - len(kept):,} of {len(lines):,} lines are empty; they are not translated")
    ranked = dict(zip(kept, translations, strict=True))
    several = max(n_best, sampling.num_samples or 1) > 1
    write_lines(_table(ranked) if several else _best(ranked, len(lines)), output)


def evaluate(
    *,
    pairs: translate_options.Pairs,
    model: Path,
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    prefix: str | None,
    output: Path | None,
) -> None:
    """Translate the sources of files, and print and write the scores against the targets."""
    if output is not None:
        outputs.check_table(output)
        for option, path in (("PAIRS", pairs.pairs), ("--source", pairs.source), ("--target", pairs.target)):
            outputs.check_distinct({option: path, "--output": output})
    # checked now: evaluate needs it only after all translations
    require("sacrebleu", extra="text", purpose="translate evaluate")
    read = read_pairs(pairs)
    translator = load_translator(model)
    read.check(translator.cleaning.clean)
    keywords = search_keywords(search, sampling, prefix)
    scores = pd.DataFrame([translator.evaluate(read.sources, read.targets, **keywords)])
    if output is not None:
        outputs.write_table(scores, output)
    show.tell(str(read))
    show.put(show.format_scores(scores))


def _check_held_out(held_out: int, count: int) -> None:
    if held_out >= count:
        raise ParameterError(
            f"--validation-size is {held_out}, but there are {count} pairs; at least one must be left to "
            "learn from"
        )


def _best(ranked: dict[int, list[tsseq2seq.Hypothesis]], count: int) -> list[str]:
    """Return the best translation of each line; an empty text where there is none."""
    lines = [""] * count
    for index, hypotheses in ranked.items():
        lines[index] = hypotheses[0].text if hypotheses else ""
    return lines


def _table(ranked: dict[int, list[tsseq2seq.Hypothesis]]) -> list[str]:
    """Return a line for each translation: sentence, rank, score, log-probability, text."""
    return [
        f"{index + 1}\t{rank}\t{hypothesis.score:.6g}\t{hypothesis.log_probability:.6g}\t{hypothesis.text}"
        for index, hypotheses in ranked.items()
        for rank, hypothesis in enumerate(hypotheses, start=1)
    ]
