"""Handwritten digits by rows: which digit is a picture of 8 rows of 8 pixels, read row by row?

scikit-learn's 1,797 digits in five parts, each tested once by a classifier that is fitted on the others.
Beside it stands a logistic regression, which sees all 64 pixels at once.

    python benchmarks/digit_classes.py [--parts 5] [--steps 1000] [--dry-run]
"""

from __future__ import annotations

import argparse

import numpy as np
from report import table, write_section
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tsseq2seq import Network, Seq2SeqClassifier, Training

PARTS, STEPS = 5, 1000


def classifier(steps: int) -> Seq2SeqClassifier:
    """Return a classifier of rows of pixels."""
    training = Training(max_steps=steps, learning_rate=5e-3, progress=False)
    return Seq2SeqClassifier(network=Network(bidirectional=True, dropout=0.2), training=training)


def measure(
    pictures: np.ndarray, digits: np.ndarray, *, parts: int, steps: int
) -> dict[str, list[dict[str, float]]]:
    """Return accuracy and log loss of each part, by method."""
    found: dict[str, list[dict[str, float]]] = {"classifier, row by row": [], "logistic regression": []}
    split = StratifiedKFold(parts, shuffle=True, random_state=0)
    for known, new in split.split(pictures, digits):
        model = classifier(steps).fit(pictures[known].reshape(-1, 8, 8), digits[known])
        scores = model.evaluate(pictures[new].reshape(-1, 8, 8), digits[new])
        found["classifier, row by row"].append({name: scores[name] for name in ("accuracy", "log_loss")})
        linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        linear.fit(pictures[known], digits[known])
        found["logistic regression"].append(
            {
                "accuracy": linear.score(pictures[new], digits[new]),
                "log_loss": log_loss(digits[new], linear.predict_proba(pictures[new])),
            }
        )
    return found


def section(found: dict[str, list[dict[str, float]]], steps: int) -> str:
    """Return the table and what it is of."""
    rows: list[list[object]] = []
    for name, parts in found.items():
        shares = np.array([part["accuracy"] for part in parts])
        losses = np.array([part["log_loss"] for part in parts])
        rows.append(
            [name, f"{100 * shares.mean():.1f} %", f"{100 * shares.min():.1f} %", f"{losses.mean():.3f}"]
        )
    parts = len(next(iter(found.values())))
    note = (
        f"1,797 digits in {parts} parts, each tested once; {steps:,} training steps. A picture is a sequence "
        "of 8 steps, its rows, with 8 features each."
    )
    return f"{table(['method', 'accuracy', 'in the worst part', 'log loss'], rows)}\n\n{note}"


def main() -> None:
    """Classify each part by what was learned of the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parts", type=int, default=PARTS, help="parts of the data (5)")
    parser.add_argument("--steps", type=int, default=STEPS, help="training steps (1000)")
    parser.add_argument("--dry-run", action="store_true", help="print, but leave RESULTS.md as it is")
    asked = parser.parse_args()
    pictures, digits = load_digits(return_X_y=True)
    said = section(measure(pictures, digits, parts=asked.parts, steps=asked.steps), asked.steps)
    print(said)
    if not asked.dry_run:
        write_section("Digits by rows", "benchmarks/digit_classes.py", said)


if __name__ == "__main__":
    main()
