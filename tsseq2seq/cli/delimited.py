"""Reading text whose fields are separated by a mark: CSV in its dialects."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tsseq2seq.cli import options, show
from tsseq2seq.errors import DataError, FileFormatError, ParameterError, shown

__all__ = ["read_delimited"]

_DELIMITERS = ",;\t|"
_SAMPLE = 1 << 16
_SAMPLE_LINES = 50
_MOST_TITLE_LINES = 20
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "bar": "|"}
# What Excel understands in the first line of a CSV file.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_LANGUAGES = {
    "JSON": re.compile(r"\s*(?:\{\s*\"|\[\s*[{\[])"),
    "HTML or XML": re.compile(r"\s*<(?:!doctype|\?xml|html|head|body|table)\b", re.IGNORECASE),
}
# Part of a date or of a clock time.
_DATED = re.compile(r"\d[-/:]\d")


def read_delimited(content: bytes, where: str, reading: options.Reading) -> pd.DataFrame:
    """Read the text of a table.

    Parameters
    ----------
    content
        As it stands in the file.
    where
        What messages call the file.
    reading
        What the user said of the file. Else its content tells the separator, and whether lines above the
        header are no part of the table; if so, that is said.

    Returns
    -------
    pandas.DataFrame
        Text, as it stands; without empty rows, empty columns without a name, and row numbers. Its
        ``attrs`` have the ``"delimiter"``.

    Raises
    ------
    FileFormatError
        If this is no text, or no regular table.
    DataError
        If two columns share a name, or none has one.
    """
    text = _text(content, where, reading.encoding)
    _check_table(text, where)
    layout = _Layout.of(_first_lines(text), where, reading)
    _check_header(layout.names, where, values=reading.wide or layout.numeric_names)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(content if reading.encoding is None else text.encode()),
                sep=layout.delimiter,
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                index_col=False,
                skipinitialspace=True,
                encoding="utf-8-sig",
                skiprows=layout.skipped,
                **layout.own_names,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError, csv.Error) as error:
        raise FileFormatError(
            f"{where} is not a regular table: {error}. Lines above its header are left out with --skip-rows, "
            "and --sep says what separates fields"
        ) from error
    frame.columns = [str(name).strip() for name in frame.columns]
    frame = _without_row_numbers(_without_nameless(frame[(frame != "").any(axis="columns")]))
    frame = frame.reset_index(drop=True)
    frame.attrs["delimiter"] = layout.delimiter
    return frame


@dataclass(frozen=True)
class _Layout:
    """Where the table begins, and what separates its fields."""

    delimiter: str
    skipped: int
    names: list[str]
    trailing: bool  # rows end in a delimiter, and the header does not
    numeric_names: bool  # a count stands above dates

    @classmethod
    def of(cls, lines: list[str], where: str, reading: options.Reading) -> _Layout:
        skipped = reading.skip_rows or 0
        numbered = [(n, line) for n, line in enumerate(lines) if n >= skipped and line.strip()]
        if not numbered:
            raise FileFormatError(f"{where} is empty" + f" behind --skip-rows {skipped}" * (skipped > 0))
        separator = _SEPARATOR_LINE.fullmatch(numbered[0][1].strip())
        if separator is not None and len(numbered) > 1:
            numbered, skipped = numbered[1:], numbered[0][0] + 1
        try:
            delimiter = (
                _given_separator(reading.sep)
                or (separator and separator[1])
                or _delimiter([line for _, line in numbered])
            )
            rows, ends = _rows([line for _, line in numbered], delimiter)
            titles = 0 if reading.skip_rows is not None else _title_lines(rows)
            if titles:
                skipped = numbered[ends[titles - 1] - 1][0] + 1
                show.tell_titles(ends[titles - 1], numbered[0][1], where)
        except csv.Error as error:
            raise FileFormatError(f"{where} is not a regular table: {error}") from error
        names, body = rows[titles], rows[titles + 1 :]
        trailing = bool(body) and all(len(row) == len(names) + 1 and row[-1].strip() == "" for row in body)
        dated = zip(names, body[0] if body else [], strict=False)
        numeric_names = any(name.strip().isdecimal() and _DATED.search(cell) for name, cell in dated)
        return cls(delimiter, skipped, names, trailing, numeric_names)

    @property
    def own_names(self) -> dict[str, Any]:
        """Names of the columns, for ``pandas.read_csv``, where the header has one less than the rows."""
        return {"header": 0, "names": [*self.names, f"Unnamed: {len(self.names)}"]} if self.trailing else {}


def _text(content: bytes, where: str, encoding: str | None) -> str:
    kinds = {
        b"PK\x03\x04": "a zip archive or an Excel file that is damaged",
        b"\x89PNG": "a picture",
        b"%PDF": "a PDF",
    }
    kind = next((kind for start, kind in kinds.items() if content.startswith(start)), None)
    if kind is not None:
        raise FileFormatError(f"{where} is {kind}; a CSV or Parquet file is needed")
    if encoding is not None:
        return _decoded(content, where, encoding)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileFormatError(f"{where} is in UTF-16; save it as UTF-8, or read it with --encoding utf-16")
    if b"\0" in content:
        raise FileFormatError(f"{where} is not a text file; a CSV or Parquet file is needed")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileFormatError(
            f"{where} is not in UTF-8 (line {line}); save it as UTF-8, or name its --encoding, such as cp1252"
        ) from error


def _check_table(text: str, where: str) -> None:
    """Refuse text in a language of its own, which would be a table of one strange column."""
    kind = next((kind for kind, start in _LANGUAGES.items() if start.match(text)), None)
    if kind is not None:
        raise FileFormatError(f"{where} is {kind}; save the table in it as CSV")


def _decoded(content: bytes, where: str, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise ParameterError(
            f"--encoding is {shown(encoding)}; it must be one of text, such as utf-8, cp1252 or utf-16"
        ) from error
    except UnicodeError as error:
        raise FileFormatError(f"{where} is not in --encoding {encoding}: {error}") from error


def _first_lines(text: str) -> list[str]:
    """Return the first lines that are not blank and the blank ones among them, none of them cut."""
    size = _SAMPLE
    while True:
        lines = text[:size].splitlines()
        if size >= len(text):
            return lines
        whole = lines[:-1]
        if sum(bool(line.strip()) for line in whole[: 10 * _SAMPLE_LINES]) >= _SAMPLE_LINES:
            return whole[: 10 * _SAMPLE_LINES]
        size *= 4


def _given_separator(sep: str | None) -> str | None:
    if sep is None:
        return None
    mark = _NAMES.get(sep.lower(), sep)
    if len(mark) != 1 or mark.isalnum() or mark in '"\n\r':
        raise ParameterError(f"--sep is {shown(sep)}; it must be one mark, such as ',' or ';', or tab")
    return mark


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter by which most lines have the same number of fields."""

    def agreement(delimiter: str) -> tuple[float, int]:
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        except csv.Error:  # a long line that it leaves in one piece
            return 0, 0
        count, times = max(((n, times) for n, times in counts.items() if n > 1), key=_second, default=(0, 0))
        return times / counts.total(), count

    return max(_DELIMITERS, key=agreement)


def _rows(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the rows that lines hold, and how many lines there are up to the end of each.

    A cell in quotes may hold the ends of lines.
    """
    reader = csv.reader(lines, delimiter=delimiter)
    found = [(row, reader.line_num) for row in reader]
    return [row for row, _ in found], [end for _, end in found]


def _second(pair: tuple[int, int]) -> int:
    return pair[1]


def _title_lines(rows: Sequence[Sequence[str]]) -> int:
    """Return how many lines above the header are no part of the table.

    Such a line has a single field, the first, or two fewer than the rows: some tables have one name less
    than columns.
    """
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    for number, row in enumerate(rows[:_MOST_TITLE_LINES]):
        alone = width > 1 and row[0].strip() != "" and not any(cell.strip() for cell in row[1:])
        if not alone and len(row) >= width - 1:
            # values are no header: what stands above them is
            header = number + 1 < len(rows) and not all(_is_value(cell) for cell in row if cell.strip())
            return number if header else 0
    return 0


def _check_header(names: list[str], where: str, *, values: bool) -> None:
    """Refuse names that stand twice, or that are all numbers, unless ``values`` may stand there."""
    names = [name.strip() for name in names]
    counts = Counter(names)
    twice = next((name for name in names if name and counts[name] > 1), None)
    if twice is not None:
        raise DataError(f"{where} has {counts[twice]} columns named {shown(twice)}; names must be unique")
    if not values and all(_is_value(name) for name in names):
        raise DataError(
            f"{where} has no header: its first line is {shown(', '.join(names))}; name the columns there"
        )


def _is_value(name: str) -> bool:
    return name != "" and not any(letter.isalpha() for letter in name) and any(d.isdigit() for d in name)


def _without_nameless(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop the empty columns without a name that delimiters at the ends of lines leave."""
    empty = [n for n in frame.columns if n.startswith("Unnamed: ") and (frame[n].str.strip() == "").all()]
    return frame.drop(columns=empty) if len(empty) < len(frame.columns) else frame


def _without_row_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop the nameless column of row numbers that pandas and R write."""
    first = frame.columns[0] if len(frame.columns) else ""
    if len(frame.columns) < 2 or not first.startswith("Unnamed: 0"):
        return frame
    cells = frame[first].tolist()
    counted = any(cells == [str(number) for number in range(start, start + len(cells))] for start in (0, 1))
    return frame.drop(columns=first) if counted else frame
