"""Graphemes to phonemes on CMUdict: the pronunciation of English words from their spelling.

Stress is removed. A random sample of 12,000 words is held out with all pronunciations. A word is right if the
output is one of its pronunciations; the phoneme error rate counts edits to the nearest one.

    python benchmarks/graphemes_to_phonemes.py
    python benchmarks/graphemes_to_phonemes.py --validation --set network__hidden_size=512

``--validation`` holds out 3,000 other words, drawn from those that are trained on.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd
from report import table, write_section
from settings import add_settings, parsed

from tsseq2seq import Network, Seq2SeqTranslator, Training, datasets
from tsseq2seq.data.text.edit_distance import edit_distances

HELD_OUT, VALIDATED = 12_000, 3_000
BARS = (24.0, 20.0)


def translator(seconds: float) -> Seq2SeqTranslator:
    """The settings; a quarter of an hour of ``--validation`` was too short to tell one layer from two."""
    return Seq2SeqTranslator(
        "char",
        target_tokenizer="word",
        network=Network(hidden_size=256, bidirectional=True, attention="general", dropout=0.3),
        training=Training(max_time=seconds, batch_size=128),
    )


def data(validation: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return pairs to train on, and words to score with a list of references each."""
    pairs = datasets.load("cmudict")
    pairs["pronunciation"] = pairs["pronunciation"].str.replace(r"\d", "", regex=True)
    pairs = pairs.drop_duplicates(ignore_index=True)
    words = np.random.default_rng(0).permutation(np.sort(pairs["word"].unique()))
    test, rest = words[:HELD_OUT], words[HELD_OUT:]
    if validation:
        test, rest = rest[:VALIDATED], rest[VALIDATED:]
    references = pairs[pairs["word"].isin(test)].groupby("word")["pronunciation"].agg(list)
    return pairs[pairs["word"].isin(rest)], references.reset_index()


def scores(found: list[str], references: list[list[str]]) -> tuple[float, float]:
    """Return words wrong and the phoneme error rate, both in percent."""
    wrong = [one not in truths for one, truths in zip(found, references, strict=True)]
    edits = phonemes = 0
    for one, truths in zip(found, references, strict=True):
        truth = [reference.split() for reference in truths]
        distances = edit_distances([one.split()] * len(truth), truth)
        nearest = int(distances.argmin())
        edits += int(distances[nearest])
        phonemes += len(truth[nearest])
    return 100 * float(np.mean(wrong)), 100 * edits / phonemes


def main() -> None:
    """Parse the command line, run, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600)
    add_settings(parser)
    arguments = parser.parse_args()
    settings = parsed(arguments, parser)
    train, test = data(arguments.validation)
    model = translator(arguments.seconds)
    model.set_params(**settings)
    begun = time.perf_counter()
    model.fit(train["word"].tolist(), train["pronunciation"].tolist())
    fitted = time.perf_counter() - begun
    words, references = test["word"].tolist(), test["pronunciation"].tolist()
    rows = []
    for size in (1, 5):
        wrong, rate = scores(model.predict(words, beam_size=size), references)
        rows.append([size, f"{fitted / 60:.1f}", model.n_steps_, len(model.fitted_.members),
                     f"{wrong:.2f}", f"{rate:.2f}"])  # fmt: skip
    header = ["beam", "fit, min", "steps", "members", "words wrong, %", "phonemes wrong, %"]
    marks = [f"{bar:.0f} %: {'met' if wrong <= bar else 'not met'}" for bar in BARS]
    body = f"{table(header, rows)}\n\n{len(words):,} words held out. Bars: {', '.join(marks)}."
    print(body)
    if not arguments.validation:
        write_section("CMUdict", "benchmarks/graphemes_to_phonemes.py", body)


if __name__ == "__main__":
    main()
