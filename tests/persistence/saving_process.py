"""A process that saves models in turn, again and again: python saving_process.py FOLDER SOURCE SOURCE …

For each line that it reads it forks a child that saves, prints the child's number, and ``dead`` when it was killed.
"""

from __future__ import annotations

import itertools
import os
import sys
import warnings

import tsseq2seq


def serve(folder: str, *sources: str) -> None:
    models = [tsseq2seq.load(source) for source in sources]
    print("ready", flush=True)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            for model in itertools.cycle(models):
                model.save(folder)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads, which are idle
    serve(*sys.argv[1:])
