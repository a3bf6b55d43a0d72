"""Reading sentences and pairs from files or standard input, and writing translations."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tsseq2seq.atomic_files import replacing
from tsseq2seq.cli import translate_options
from tsseq2seq.cli.terminal import harmless
from tsseq2seq.data.text.text_files import read_lines, read_pair_file, split_lines
from tsseq2seq.errors import DataError, ParameterError

__all__ = ["SentencePairs", "read_pairs", "read_sentences", "write_lines"]

_STANDARD_INPUT = Path("-")


@dataclass(frozen=True)
class SentencePairs:
    """Pairs of sentences that were read.

    Attributes
    ----------
    sources, targets
        One sentence for each line of the files.
    name
        Name of the file, or of both files, for messages.
    files
        The file of the sources and the file of the targets, which may be the same.
    """

    sources: list[str]
    targets: list[str]
    name: str
    files: tuple[Path, Path]

    def __str__(self) -> str:
        """Return the name and the number of pairs, for messages."""
        return f"{self.name}: {_count(len(self.sources), 'pair')}"

    def check(self, clean: Callable[[str], str]) -> None:
        """Refuse empty sentences, which cannot be trained on.

        Parameters
        ----------
        clean
            The model's cleaning of a sentence.

        Raises
        ------
        DataError
            If cleaning leaves a sentence empty; the message names the first line.
        """
        for side, file, texts in zip(
            ("source", "target"), self.files, (self.sources, self.targets), strict=True
        ):
            for number, text in enumerate(texts, start=1):
                if not clean(text):
                    what = f"{text[:40]!r}, of which cleaning leaves nothing" if text.strip() else "empty"
                    raise DataError(
                        f"{file}, line {number}: the {side} is {what}; leave the pair out, or see whether "
                        "the lines of both sides match"
                    )


def read_pairs(given: translate_options.Pairs) -> SentencePairs:
    """Read pairs from one file or from two.

    Raises
    ------
    ParameterError
        If the options name no file, or both PAIRS and --source or --target.
    FileFormatError
        If a file cannot be read.
    DataError
        If there are no pairs, or the numbers of sources and targets differ.
    """
    sides = {"--source": given.source, "--target": given.target}
    named = [option for option, path in sides.items() if path is not None]
    if given.pairs is not None:
        if named:
            raise ParameterError(
                f"PAIRS and {named[0]} are both given; give one file of pairs, or --source and --target"
            )
        sources, targets = read_pair_file(given.pairs)
        _check_some(sources, str(given.pairs))
        return SentencePairs(sources, targets, given.pairs.name, (given.pairs, given.pairs))
    if given.source is None or given.target is None:
        if named:
            missing = next(option for option in sides if option not in named)
            raise ParameterError(f"{named[0]} is given without {missing}; each source needs a target")
        raise ParameterError("there are no pairs; give a file of them, or --source and --target")
    sources, targets = read_lines(given.source), read_lines(given.target)
    if len(sources) != len(targets):
        raise DataError(
            f"{given.source} has {_count(len(sources), 'line')} and {given.target} "
            f"{_count(len(targets), 'line')}; each source needs its target in the same line"
        )
    _check_some(sources, f"{given.source}, like {given.target},")
    name = f"{given.source.name} and {given.target.name}"
    return SentencePairs(sources, targets, name, (given.source, given.target))


def read_sentences(path: Path) -> list[str]:
    """Read sentences, one a line, from a file or standard input (``-``).

    Raises
    ------
    FileFormatError
        If they cannot be read.
    DataError
        If there are none.
    """
    if path == _STANDARD_INPUT:
        name, lines = "standard input", split_lines(sys.stdin.buffer.read(), "standard input")
    else:
        name, lines = str(path), read_lines(path)
    _check_some(lines, name)
    return lines


def write_lines(lines: Sequence[str], path: Path | None) -> None:
    """Write lines to a file, or to standard output, in UTF-8."""
    text = "".join(f"{line}\n" for line in lines)
    if path is not None:
        with replacing(path) as temporary:
            temporary.write_bytes(text.encode())
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)


def _check_some(lines: Sequence[str], name: str) -> None:
    if not lines:
        raise DataError(f"{name} is empty")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
