"""The number of the library's functions in a training step, of their files, and the depth of ``fit``.

    python benchmarks/step_structure.py            # the table of RESULTS.md
    python benchmarks/step_structure.py --list     # the functions of the step too, file by file
    PYTHONPATH=ELSEWHERE python benchmarks/step_structure.py --dry-run   # another state of the library

A reader who follows a training step reads this much. The default forecaster is fitted to the airline
passengers on a processor. ``sys.setprofile`` sees every call of a Python function; those whose code lies in
the package count. A step is one call of ``GradientSteps``: the batch, the loss, the backward pass, the
optimiser. Reports, validations and the loop around it are no part of it.

- *Calls* are those of functions, methods, properties and lambdas. Comprehensions and generator expressions
  have frames of their own in some versions of Python and not in others, and never count.
- *Functions* are the different ones among them.
- Windows are drawn for several steps at once. Most steps find theirs drawn; the bars are for these. The
  others draw windows for the steps to come, and are told apart.
- *Depth* is the greatest number of the package's frames on the stack in the whole of ``fit``, frames of torch
  and pandas between them not counted.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from unittest import mock

from measuring import met
from report import table, write_section

# Fewer calls than the 73 of the first version, in no more files, and no deeper.
CALLS_BAR, FILES_BAR, DEPTH_BAR = 72, 20, 23
# The first steps set up what later ones find, such as the optimiser's state.
WARM_UPS, STEPS = 10, 40

_COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


@dataclass(frozen=True)
class Calls:
    """Calls of functions, each known by its file and its qualified name."""

    by_function: Counter[tuple[str, str]]

    @property
    def total(self) -> int:
        """All calls."""
        return self.by_function.total()

    @property
    def by_file(self) -> dict[str, list[str]]:
        """The functions of each file; in brackets how often, where it is more than once."""
        files: dict[str, list[str]] = defaultdict(list)
        for (file, name), count in sorted(self.by_function.items()):
            files[file].append(name if count == 1 else f"{name} ({count})")
        return files


@dataclass
class Profile:
    """Counts the calls of functions that lie in a folder, and the depth of their frames."""

    folder: Path
    depth: int = 0
    deepest: int = 0
    calls: Counter[CodeType] = field(default_factory=Counter)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count inside, in this thread."""
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(None)

    def counted(self) -> Calls:
        """Return the calls since the last time, but for comprehensions."""
        calls: Counter[tuple[str, str]] = Counter()
        for code, count in self.calls.items():
            if code.co_name not in _COMPREHENSIONS:
                file = Path(code.co_filename).relative_to(self.folder).as_posix()
                calls[file, code.co_qualname.replace(".<locals>", "")] += count
        self.calls.clear()
        return Calls(calls)

    def _see(self, frame: FrameType, event: str, _: object) -> None:
        if event not in ("call", "return") or not frame.f_code.co_filename.startswith(f"{self.folder}/"):
            return
        if event == "call":
            self.calls[frame.f_code] += 1
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)
        else:
            self.depth -= 1


@dataclass(frozen=True)
class Structure:
    """The calls of a step whose windows are ready and of one that draws windows, and the depth of fit."""

    ready: Calls
    drawing: Calls
    depth: int


def measure(steps: int = STEPS) -> Structure:
    """Fit the default forecaster under a profile."""
    import tsseq2seq
    from tsseq2seq import Seq2SeqForecaster, Training, datasets
    from tsseq2seq.training.step import GradientSteps

    profile = Profile(Path(tsseq2seq.__file__).parent)
    steps_made: list[Calls] = []
    make_step = GradientSteps.__call__

    def counted(self: GradientSteps, *given: Any) -> Any:
        profile.calls.clear()
        loss = make_step(self, *given)
        steps_made.append(profile.counted())
        return loss

    model = Seq2SeqForecaster(12, training=Training(max_steps=steps, progress=False, device="cpu"))
    data = datasets.load("air_passengers")
    with mock.patch.object(GradientSteps, "__call__", counted), profile.watching():
        model.fit(data)
    later = sorted(steps_made[WARM_UPS:], key=lambda calls: calls.total)
    return Structure(later[0], later[-1], profile.deepest)


def report(structure: Structure) -> str:
    """Return the section for RESULTS.md."""
    kinds = {"its windows were drawn before": structure.ready, "draws windows": structure.drawing}
    rows: list[list[object]] = [
        [name, calls.total, len(calls.by_function), len(calls.by_file)] for name, calls in kinds.items()
    ]
    calls, files = structure.ready.total, len(structure.ready.by_file)
    return (
        f"The default forecaster, airline passengers, horizon 12, on a processor.\n\n"
        f"{table(['a training step', 'calls of ours', 'functions', 'files'], rows)}\n\n"
        f"Bar: a step whose windows were drawn before has fewer than {CALLS_BAR + 1} calls: {calls}, "
        f"{met(calls, CALLS_BAR)}. Bar: at most {FILES_BAR} files: {files}, {met(files, FILES_BAR)}. "
        f"Bar: `fit` at most {DEPTH_BAR} frames of ours deep: {structure.depth}, "
        f"{met(structure.depth, DEPTH_BAR)}."
    )


def listing(calls: Calls) -> str:
    """Return a table of the functions of a step by file."""
    rows: list[list[object]] = [[file, len(names), ", ".join(names)] for file, names in calls.by_file.items()]
    return table(["file", "functions", "which"], rows)


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print the functions of the step by file")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    arguments = parser.parse_args()
    structure = measure()
    if arguments.list:
        print(f"{listing(structure.ready)}\n")
    body = report(structure)
    print(body)
    if not arguments.dry_run:
        write_section("Structure of a training step", "benchmarks/step_structure.py", body)


if __name__ == "__main__":
    main()
