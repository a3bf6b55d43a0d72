"""How often the last horizons of ``unfamiliar.py`` were looked at: a line of JSON for each look at a set.

A look is a run of this library's own models on the last horizon of a set, recorded or not: what it shows can
guide a choice, and then the last horizon no longer judges.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from peers.records import RECORDS

LOOKS = RECORDS / "unfamiliar_looks.jsonl"


def note_looks(sets: Iterable[str], models: Iterable[str], why: str, path: Path = LOOKS) -> None:
    """Count a look at each of the sets.

    Parameters
    ----------
    sets
        Their names.
    models
        Labels of the models that are looked at.
    why
        The change that is judged.
    path
        The file.
    """
    when = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for name in sets:
            look = {"set": name, "models": list(models), "why": why, "date": when}
            file.write(json.dumps(look, ensure_ascii=False) + "\n")


def looks(path: Path = LOOKS) -> Counter[str]:
    """Return how often each set was looked at."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return Counter(json.loads(line)["set"] for line in lines)
