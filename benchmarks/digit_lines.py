"""Lines of handwritten digits, read: scikit-learn's pictures of 8 by 8 pixels, into numbers and words.

Lines of 3 to 5 glued pictures are trained on. Those tested are made of other pictures: lines of 3 to 5, and
lines of 7, longer than any in training. Pictures for training are turned, stretched and shifted a little,
anew for each line; those tested are as they are. Networks that can know where in a line they
are stand beside; and a shorter training on fewer lines.

    python benchmarks/digit_lines.py [--usual] [--splits 3] [--lines 20000] [--steps 4000] [--dry-run]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from report import table, write_section
from scipy.ndimage import affine_transform
from sklearn.datasets import load_digits

from tsseq2seq import Network, Patches, Seq2SeqTranscriber, Training

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LENGTHS, LONG = (3, 4, 5), 7
#: Lines and steps of a training: the usual one, and a shorter one, which misses a bar in one of three splits.
USUAL, SHORTER = (20_000, 4000), (12_000, 2500)
SHORTER_SPLIT = 1
HELD_OUT_PICTURES, HELD_OUT_LINES = 360, 500
BARS = {"3 to 5": 0.97, "7": 0.80}
DEFAULT = {"encoder": "convolutional", "num_layers": 1, "attention": "location", "initial_state": "zeros"}
OTHERS = {
    "attention over contents": DEFAULT | {"attention": "general"},
    "recurrence both ways": DEFAULT | {"encoder": "recurrent", "bidirectional": True},
    "both": {"encoder": "recurrent", "bidirectional": True, "num_layers": 1, "attention": "general"},
}


@dataclass(frozen=True)
class Lines:
    """Lines of digits: pictures (columns, 8), and the digits of each."""

    pictures: list[np.ndarray]
    digits: list[list[int]]

    def texts(self, form: str) -> list[str]:
        """Return ``314`` or ``three one four``."""
        if form == "numbers":
            return ["".join(map(str, line)) for line in self.digits]
        return [" ".join(WORDS[digit] for digit in line) for line in self.digits]


def split_pictures(seed: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return pictures and digits to train on, and others to test on."""
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.images))
    parts = order[HELD_OUT_PICTURES:], order[:HELD_OUT_PICTURES]
    known, held_out = ((digits.images[part] / 16, digits.target[part]) for part in parts)
    return known, held_out


def changed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a picture turned by up to 11 degrees, slanted, stretched and shifted a little."""
    angle, slant, size = rng.uniform(-0.2, 0.2), rng.uniform(-0.15, 0.15), rng.uniform(0.9, 1.12)
    matrix = np.array([[np.cos(angle), slant - np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / size
    middle = np.full(2, 3.5)
    offset = middle - matrix @ middle + rng.uniform(-0.6, 0.6, 2)
    moved = affine_transform(picture, matrix, offset=offset, order=1)
    return np.clip(moved * rng.uniform(0.85, 1.15), 0, 1)


def glue(
    pictures: np.ndarray,
    digits: np.ndarray,
    count: int,
    lengths: tuple[int, ...],
    *,
    seed: int,
    change: bool = False,
) -> Lines:
    """Return lines of drawn pictures, column by column, without gaps."""
    rng = np.random.default_rng(seed)
    lines = Lines([], [])
    for _ in range(count):
        chosen = rng.integers(len(pictures), size=rng.choice(lengths))
        parts = [changed(pictures[one], rng) if change else pictures[one] for one in chosen]
        lines.pictures.append(np.concatenate([part.T for part in parts]))
        lines.digits.append([int(digits[one]) for one in chosen])
    return lines


def build(form: str, network: dict[str, object], *, steps: int, seed: int) -> Seq2SeqTranscriber:
    """Return an unfitted transcriber."""
    return Seq2SeqTranscriber(
        "char" if form == "numbers" else "word",
        patches=Patches(channels=(32, 64)),
        network=Network(hidden_size=64, dropout=0.2, **network),
        training=Training(max_steps=steps, batch_size=64, learning_rate=4e-3, progress=False),
        seed=seed,
    )


def measure(form: str, network: dict[str, object], *, steps: int, seed: int, count: int) -> dict[str, float]:
    """Return the shares of lines that are exact, by their length."""
    known, held_out = split_pictures(seed)
    lines = glue(*known, count, LENGTHS, seed=seed, change=True)
    tested = {
        "3 to 5": glue(*held_out, HELD_OUT_LINES, LENGTHS, seed=seed + 1),
        "7": glue(*held_out, HELD_OUT_LINES, (LONG,), seed=seed + 2),
    }
    model = build(form, network, steps=steps, seed=seed).fit(lines.pictures, lines.texts(form))
    shares = {}
    for name, test in tested.items():
        found = np.array(model.predict(test.pictures, beam_size=1))
        shares[name] = float((found == np.array(test.texts(form))).mean())
    return shares


def row(form: str, name: str, split: int, shares: dict[str, float], *, barred: bool) -> list[object]:
    """Return a row of the table; shares below their bar are marked."""
    marks = [" ✗" if barred and shares[key] < bar else "" for key, bar in BARS.items()]
    shown = (f"{100 * share:.1f} %{mark}" for share, mark in zip(shares.values(), marks, strict=True))
    return [form, name, split, *shown]


@dataclass(frozen=True)
class Work:
    """A row to measure: what is written, by which network, on which split, after how long a training."""

    form: str
    name: str
    network: dict[str, object]
    split: int
    count: int
    steps: int

    def row(self) -> list[object]:
        """Train, transcribe lines of other pictures, and return the row."""
        shares = measure(self.form, self.network, steps=self.steps, seed=self.split, count=self.count)
        return row(self.form, self.name, self.split, shares, barred=self.network is DEFAULT)


def works(*, splits: int, count: int, steps: int, compare: bool) -> list[Work]:
    """Return the rows of the table; without ``compare`` those of the usual network and training alone."""
    usual = "convolutions, location attention"
    found = [Work("numbers", usual, DEFAULT, split, count, steps) for split in range(splits)]
    found.append(Work("words", usual, DEFAULT, 0, count, steps))
    if compare:
        found += [Work("numbers", name, network, 0, count, steps) for name, network in OTHERS.items()]
        lines, fewer = SHORTER
        name = f"the first, {lines:,} lines, {fewer:,} steps"
        found.append(Work("numbers", name, DEFAULT, SHORTER_SPLIT, lines, fewer))
    return found


def section(rows: list[list[object]], count: int, steps: int) -> str:
    """Return the table and what it is of."""
    note = (
        f"{count:,} lines of 3 to 5 digits, {steps:,} training steps; {HELD_OUT_LINES} lines of "
        f"each kind, made of {HELD_OUT_PICTURES} pictures that no training line has. Bars: "
        f"{100 * BARS['3 to 5']:.0f} % and {100 * BARS['7']:.0f} %."
    )
    return (
        f"{table(['written', 'network', 'split', '3 to 5 digits exact', '7 digits exact'], rows)}\n\n{note}"
    )


def main() -> None:
    """Train, transcribe lines of other pictures, and print the shares that are exact."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--usual", action="store_true", help="the usual network and training alone")
    parser.add_argument("--lines", type=int, default=USUAL[0], help="training lines (20000)")
    parser.add_argument("--steps", type=int, default=USUAL[1], help="training steps (4000)")
    parser.add_argument("--splits", type=int, default=3, help="splits of the pictures, for numbers (3)")
    parser.add_argument("--dry-run", action="store_true", help="print, but leave RESULTS.md as it is")
    asked = parser.parse_args()
    rows = []
    for work in works(splits=asked.splits, count=asked.lines, steps=asked.steps, compare=not asked.usual):
        rows.append(work.row())
        print(rows[-1], flush=True)
    if not asked.dry_run:
        write_section("Digit lines", "benchmarks/digit_lines.py", section(rows, asked.lines, asked.steps))


if __name__ == "__main__":
    main()
