"""What the commands that translate do.

Torch is loaded with the first name taken from ``tsseq2seq``; a file that cannot be used is refused
before that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

import tsseq2seq
from tsseq2seq.cli import outputs, show, translate_options
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
) -> None:
    """Fit on pairs from files and save the model."""
    outputs.check_folder(model)
    read = read_pairs(pairs)
    translator = make_translator(tokens, architecture, learning)
    read.check(translator.cleaning.clean)
    _check_held_out(learning.validation_size, len(read.sources))
    show.tell(str(read))
    translator.fit(read.sources, read.targets)
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
        outputs.check_together({"FILE": file, "--output": output})
    lines = read_sentences(file)
    translator = load_translator(model)
    full = [place for place, line in enumerate(lines) if translator.cleaning.clean(line)]
    # a network makes up a translation of nothing, too
    given = _options(search, sampling, prefix, n_best=n_best)
    found = translator.translate([lines[place] for place in full], **given)
    if len(full) < len(lines):
        show.tell(f"{len(lines) - len(full):,} of {len(lines):,} lines are empty; they are not translated")
    ranked = dict(zip(full, found, strict=True))
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
    """Translate the sources of files, and print and write how close that comes to the targets."""
    if output is not None:
        outputs.check_table(output)
        for option, path in (("PAIRS", pairs.pairs), ("--source", pairs.source), ("--target", pairs.target)):
            outputs.check_together({option: path, "--output": output})
    # the library needs it last, and all translations would be in vain
    require("sacrebleu", extra="text", purpose="translate evaluate")
    read = read_pairs(pairs)
    translator = load_translator(model)
    read.check(translator.cleaning.clean)
    given = _options(search, sampling, prefix)
    scores = pd.DataFrame([translator.evaluate(read.sources, read.targets, **given)])
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


def _options(
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    prefix: str | None,
    *,
    n_best: int = 1,
) -> dict[str, Any]:
    """Return the keywords of ``translate``."""
    drawn = {name: value for name, value in vars(sampling).items() if value is not None}
    searched = vars(search) | {"n_best": n_best}
    if drawn:
        # what is left as it was is not asked for; the library refuses the rest beside samples
        defaults = vars(translate_options.BeamSearch()) | {"n_best": 1}
        searched = {name: value for name, value in searched.items() if value != defaults[name]}
    if searched.get("length_normalization") == "none":
        searched["length_normalization"] = None
    return searched | drawn | ({} if prefix is None else {"prefix": prefix})


def _best(ranked: dict[int, list[tsseq2seq.Hypothesis]], count: int) -> list[str]:
    """Return a line for each sentence."""
    lines = [""] * count
    for place, found in ranked.items():
        lines[place] = found[0].text if found else ""
    return lines


def _table(ranked: dict[int, list[tsseq2seq.Hypothesis]]) -> list[str]:
    """Return a line for each translation: sentence, rank, score, log-probability, text."""
    return [
        f"{place + 1}\t{rank}\t{one.score:.6g}\t{one.log_probability:.6g}\t{one.text}"
        for place, found in ranked.items()
        for rank, one in enumerate(found, start=1)
    ]
