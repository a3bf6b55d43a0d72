"""Dates in the formats of many languages, and in ISO 8601: pairs to train a translator on.

Babel writes them, from the Unicode consortium's data, in four forms: with and without the day of the week,
months in full and abbreviated. The order of day and month is always clear: forms of figures only are of
locales that write the day first, with dots.

    python benchmarks/dates.py --count 5000 --seed 0 > dates.tsv
"""

from __future__ import annotations

import argparse
import datetime
import random
from collections.abc import Sequence

from tsseq2seq.errors import require

LOCALES = ("en_US", "en_GB", "de", "fr", "es", "it", "el", "pt", "nl", "pl", "sv", "da", "fi", "cs", "tr")
FORMS = ("full", "long", "medium", "yMMMEd")
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
_LOWERCASED = 0.3


def write(day: datetime.date, locale: str, form: str) -> str:
    """Return a date as it is written: ``form`` is a length, or a skeleton (the fields that it has)."""
    babel = require("babel.dates", extra="test", purpose="Writing dates")
    if form in ("full", "long", "medium"):
        return str(babel.format_date(day, form, locale=locale))
    return str(babel.format_skeleton(form, day, locale=locale))


def draw_days(count: int, *, seed: int) -> list[datetime.date]:
    """Return ``count`` different days, in random order."""
    places = random.Random(seed).sample(range((LAST - FIRST).days + 1), count)
    return [FIRST + datetime.timedelta(days=place) for place in places]


def write_pairs(
    days: Sequence[datetime.date], *, seed: int, locales: Sequence[str] = LOCALES
) -> tuple[list[str], list[str]]:
    """Write each day once, its locale and form drawn, three in ten of them in small letters.

    Returns
    -------
    tuple
        The dates as written, and in ISO 8601.
    """
    dice = random.Random(seed)
    written = []
    for day in days:
        text = write(day, dice.choice(locales), dice.choice(FORMS))
        written.append(text.lower() if dice.random() < _LOWERCASED else text)
    return written, [day.isoformat() for day in days]


def main() -> None:
    """Print pairs, a tab between the two sides."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=5000, help="number of days (5000)")
    parser.add_argument("--seed", type=int, default=0, help="which days, and how they are written (0)")
    arguments = parser.parse_args()
    days = draw_days(arguments.count, seed=arguments.seed)
    for pair in zip(*write_pairs(days, seed=arguments.seed), strict=True):
        print("\t".join(pair))


if __name__ == "__main__":
    main()
