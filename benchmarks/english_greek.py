"""English to Greek by characters: the split of the Keras tutorial, and a shuffled one.

The tutorial takes the first 10,000 pairs of a file that is sorted by length, and holds out the last 2,000
of them: sentences longer than any that were trained on, with characters never seen. Accuracy is that of
the next character when all true ones before it are fed, over real characters, and the tutorial's way, in
which each sentence is filled up to 49 places and padding counts as right.

    python benchmarks/english_greek.py
    python benchmarks/english_greek.py --validation --set network__dropout=0.4

``--validation`` trains on the first 6,400 of the 8,000 training pairs and scores the other 1,600.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd
from report import table, write_section
from settings import add_settings, parsed

from tsseq2seq import Network, Seq2SeqTranslator, Training, datasets

PAIRS, TRAINED, WIDTH = 10_000, 8_000, 49
BARS = {"real": 0.74, "padded": 0.85}


def translator(seconds: float) -> Seq2SeqTranslator:
    """The settings, chosen by ``--validation``: on few pairs one layer, much dropout, a high rate."""
    return Seq2SeqTranslator(
        "char",
        network=Network(hidden_size=256, bidirectional=True, attention="general", dropout=0.5),
        training=Training(max_time=seconds, batch_size=64, learning_rate=3e-3, members=2),
    )


def splits(validation: bool) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Return the training pairs and the pairs to score, by the name of the split."""
    pairs = datasets.load("tatoeba_ell").head(PAIRS)
    if validation:
        train = pairs.head(TRAINED)
        kept = TRAINED * TRAINED // PAIRS
        return {"validation": (train.head(kept), train.iloc[kept:])}
    shuffled = pairs.iloc[np.random.default_rng(0).permutation(PAIRS)]
    return {
        "tutorial's": (pairs.head(TRAINED), pairs.iloc[TRAINED:]),
        "shuffled": (shuffled.head(TRAINED), shuffled.iloc[TRAINED:]),
    }


def run(
    name: str, train: pd.DataFrame, test: pd.DataFrame, seconds: float, settings: dict[str, object]
) -> tuple[list[object], float, float]:
    """Train and score one split."""
    model = translator(seconds)
    model.set_params(**settings)
    begun = time.perf_counter()
    model.fit(train["source"].tolist(), train["target"].tolist())
    fitted = time.perf_counter() - begun
    truth = test["target"].tolist()
    scores = model.evaluate(test["source"].tolist(), truth, beam_size=5)
    real = scores["token_accuracy"]
    characters = sum(len(sentence) + 1 for sentence in truth)
    places = WIDTH * len(truth)
    padded = (real * characters + places - characters) / places
    row = [
        name, f"{fitted / 60:.1f}", model.n_steps_, len(model.fitted_.members), f"{real:.3f}",
        f"{padded:.3f}", f"{scores['perplexity']:.2f}", f"{scores['chrf']:.1f}", f"{scores['cer']:.3f}",
        f"{scores['exact_match']:.3f}",
    ]  # fmt: skip
    return row, real, padded


def difficulty(train: pd.DataFrame, test: pd.DataFrame) -> list[object]:
    """Return the cells of a row on how the held-out sentences differ from the training data."""
    seen = [set("".join(train[column])) for column in ("source", "target")]
    longest = int(train["source"].str.len().max())
    return [
        longest,
        f"{(test['source'].str.len() > longest).mean():.0%}",
        f"{test['target'].str.len().mean() / train['target'].str.len().mean():.2f}",
        "".join(sorted(set("".join(test["source"])) - seen[0])) or "none",
        "".join(sorted(set("".join(test["target"])) - seen[1])) or "none",
        f"{test['source'].isin(set(train['source'])).mean():.0%}",
    ]


def main() -> None:
    """Parse the command line, run, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=900)
    add_settings(parser)
    arguments = parser.parse_args()
    settings = parsed(arguments, parser)
    rows, hard, marks = [], [], []
    for name, (train, test) in splits(arguments.validation).items():
        row, real, padded = run(name, train, test, arguments.seconds, settings)
        rows.append(row)
        hard.append([name, *difficulty(train, test)])
        if name == "tutorial's":
            marks = [
                f"Bar: {bar} over {kind} characters: {'met' if got >= bar else 'not met'}."
                for (kind, bar), got in zip(BARS.items(), (real, padded), strict=True)
            ]
    header = [
        "split", "fit, min", "steps", "members", "accuracy, real", "accuracy, padded", "perplexity",
        "chrF, beam 5", "CER, beam 5", "exact",
    ]  # fmt: skip
    why = [
        "split", "longest source trained on", "held-out sources longer", "target length, held out / trained",
        "English characters never seen", "Greek characters never seen", "sources seen in training",
    ]  # fmt: skip
    body = "\n\n".join([table(header, rows), " ".join(marks), "Why it is hard:", table(why, hard)])
    print(body)
    if not arguments.validation:
        write_section("English to Greek, characters", "benchmarks/english_greek.py", body)


if __name__ == "__main__":
    main()
