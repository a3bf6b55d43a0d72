"""The time of importing the library and its dependencies, each in fresh processes, in turn.

python benchmarks/import_time.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from report import table, write_section

STATEMENTS = {
    "torch, pandas, sklearn.base": "import torch, pandas, sklearn.base",
    "Seq2SeqForecaster": "from tsseq2seq import Seq2SeqForecaster",
    "tsseq2seq alone": "import tsseq2seq",
    "nothing": "pass",
}
ROUNDS = 9


def main() -> None:
    """Measure, and report."""
    seconds: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for turn in range(ROUNDS + 1):
        for name, statement in STATEMENTS.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], check=True)
            if turn:  # the first one fills the disk cache
                seconds[name].append(time.perf_counter() - begun)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = median["Seq2SeqForecaster"] / median["torch, pandas, sklearn.base"]
    body = table(["import", "seconds (median)"], [[n, f"{s:.2f}"] for n, s in median.items()])
    body += f"\n\nRatio Seq2SeqForecaster / torch, pandas, sklearn.base: **{ratio:.2f}** (bar: 1.10)."
    print(body)
    write_section("Import", "benchmarks/import_time.py", body)


if __name__ == "__main__":
    main()
