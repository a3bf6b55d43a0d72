"""Makes the folder of a release: a tiny model of every kind, saved by it, and what each must answer for ever.

python tests/models/make.py 1.2.0

A folder is made once, when its version is released, and never again.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1] / "benchmarks"))


def make(folder: Path) -> None:
    """Fit, save and ask all models.

    Raises
    ------
    FileExistsError
        If the folder exists.
    """
    from tiny_models import TINY

    folder.mkdir()
    answers = {}
    for name, tiny in TINY.items():
        model = tiny.fitted()
        model.save(folder / name, **tiny.options)
        answers[name] = tiny.answer(model)
    (folder / "answers.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("version", help="the release, such as 1.2.0")
    make(FOLDER / parser.parse_args().version)
