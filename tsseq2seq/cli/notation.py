"""How a file writes its numbers: the marks of decimals and of thousands, and the signs beside numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from tsseq2seq.cli.zones import check_zone
from tsseq2seq.errors import ParameterError

__all__ = ["Notation", "doubtful_cell", "plain_numbers", "unit_of"]

_GROUPS = r"[+-]?[1-9]\d{{0,2}}(?:{mark}\d{{3}}){count}"
# What separates thousands without ever being a decimal mark.
_SPACES = "\u00a0\u202f\u2009 '\u2019"
_UNIT = re.compile(r"^(?P<sign>[+-]?)(?P<before>[$€£¥₹%]?)\s*(?P<number>[^$€£¥₹%]*?)\s*(?P<after>[$€£¥₹%]?)$")
# One cell may be a slip; so many are a way of writing.
_EVIDENCE = 3


@dataclass(frozen=True)
class Notation:
    """What is known of how a file writes numbers and dates.

    Attributes
    ----------
    decimal, thousands
        The marks that the user named; None: each column tells.
    date_format
        The format that the user named, for ``strptime``; ``"number"``: time stamps are plain numbers.
    time_zone
        The zone of the time stamps, as the user or a model names it.
    semicolons
        Whether fields are separated by semicolons, as where commas are decimal and points may separate
        thousands.
    """

    decimal: str | None = None
    thousands: str | None = None
    date_format: str | None = None
    semicolons: bool = False
    time_zone: str | None = None

    def __post_init__(self) -> None:
        if self.decimal not in (None, ".", ","):
            raise ParameterError(f"--decimal is {self.decimal!r}; it must be '.' or ','")
        if self.thousands is not None and (len(self.thousands) != 1 or self.thousands.isalnum()):
            raise ParameterError(
                f"--thousands is {self.thousands!r}; it must be one mark, such as '.' or ','"
            )
        if self.time_zone is not None:
            check_zone(self.time_zone)
        if self.decimal is not None and self.decimal == self.thousands:
            raise ParameterError(f"--decimal and --thousands are both {self.decimal!r}")


def plain_numbers(cells: pd.Series, notation: Notation) -> pd.Series:
    """Return numbers as ``1234.5``; what is no number becomes none by it.

    Parameters
    ----------
    cells
        Text without blanks around it; none is missing.
    notation
        What is known of the file.

    Examples
    --------
    >>> plain_numbers(pd.Series(["1.234,5", "2,5", "7,25"]), Notation()).tolist()
    ['1234.5', '2.5', '7.25']
    >>> plain_numbers(pd.Series(["1,234", "$5"]), Notation(thousands=",")).tolist()
    ['1234', '$5']
    """
    if unit_of(cells):
        cells = _without_unit(cells)
    cells = _without_spaces(cells)
    marks = _marks(cells, notation)
    if marks is None:
        return cells
    decimal, thousands = marks
    if thousands and cells.str.contains(thousands, regex=False).any():
        grouped = cells.str.fullmatch(
            _GROUPS.format(mark=re.escape(thousands), count="+") + rf"(?:{re.escape(decimal)}\d*)?"
        )
        cells = cells.mask(grouped, cells.str.replace(thousands, "", regex=False))
    if decimal == ",":
        readable = cells.str.fullmatch(r"[+-]?\d*,?\d*(?:[eE][+-]?\d+)?")
        with_point = cells.str.contains(".", regex=False)
        return cells.mask(readable, cells.str.replace(",", ".", regex=False)).mask(~readable & with_point, "")
    return cells


def doubtful_cell(cells: pd.Series, notation: Notation) -> str | None:
    """Return a cell that could be two numbers, where the column does not tell which; None if all are sure.

    Examples
    --------
    >>> doubtful_cell(pd.Series(["901", "1.140", "1.173"]), Notation())
    '1.140'
    >>> doubtful_cell(pd.Series(["0.901", "1.140", "1.173"]), Notation()) is None
    True
    """
    if notation.decimal is not None or notation.thousands is not None or not len(cells):
        return None
    if unit_of(cells):
        cells = _without_unit(cells)
    cells = _without_spaces(cells)
    if not cells.str.contains("[.,]", regex=True).any():
        return None
    if cells.iloc[:200].str.fullmatch(r"[+-]?\d*\.(?:\d{1,2}|\d{4,})").any() and not (
        cells.str.contains(",", regex=False).any()
    ):
        return None  # the usual case, decided early
    if not cells.str.fullmatch(r"[+-]?[\d.,]*(?:[eE][+-]?\d+)?").mean() >= 0.9:
        return None
    counts = _Counts.of(cells)
    return None if counts.marks(notation) is not None else counts.example(cells)


def unit_of(cells: pd.Series) -> str:
    """Return the sign of a currency or of percent that stands beside each number; '' if there is none.

    Examples
    --------
    >>> unit_of(pd.Series(["$93.50", "$94"])), unit_of(pd.Series(["$93.50", "94"]))
    ('$', '')
    """
    if not len(cells):
        return ""
    first = _UNIT.match(cells.iloc[0])
    if first is None:
        return ""
    sign = first["before"] or first["after"]
    if not sign or not any(letter.isdigit() for letter in first["number"]):
        return ""
    side = rf"[+-]?{re.escape(sign)}\s*[^$€£¥₹%]+" if first["before"] else rf"[^$€£¥₹%]+{re.escape(sign)}"
    return sign if cells.str.fullmatch(side).all() else ""


def _without_unit(cells: pd.Series) -> pd.Series:
    return cells.str.replace(r"\s*[$€£¥₹%]\s*", "", regex=True)


def _without_spaces(cells: pd.Series) -> pd.Series:
    """Take out the blanks and apostrophes between thousands."""
    if not cells.str.contains(f"[{_SPACES}]", regex=True).any():
        return cells
    grouped = cells.str.fullmatch(_GROUPS.format(mark=f"[{_SPACES}]", count="+") + r"(?:[.,]\d*)?")
    return cells.mask(grouped, cells.str.replace(f"[{_SPACES}]", "", regex=True))


def _marks(cells: pd.Series, notation: Notation) -> tuple[str, str] | None:
    """Return the marks of decimals and thousands; None: points are decimal, or nothing tells."""
    if notation.decimal is not None:
        return notation.decimal, notation.thousands or ("," if notation.decimal == "." else ".")
    if notation.thousands is not None:
        return "," if notation.thousands == "." else ".", notation.thousands
    if not cells.str.contains(r",|\..*\.", regex=True).any():
        return None
    return _Counts.of(cells).marks(notation)


@dataclass(frozen=True)
class _Counts:
    """How many cells are written in which way."""

    decimal: dict[str, int]  # the mark is surely decimal: 12.5
    thousands: dict[str, int]  # surely between thousands: 1.234.567, or 1.234,5
    either: dict[str, int]  # 1.140
    short: int  # integers of up to three digits
    long: int  # integers of more, written without a mark

    @classmethod
    def of(cls, cells: pd.Series) -> _Counts:
        def count(pattern: str) -> int:
            return int(cells.str.fullmatch(pattern).sum())

        decimal, thousands, either = {}, {}, {}
        for mark, other in ((".", ","), (",", ".")):
            m, o = re.escape(mark), re.escape(other)
            either[mark] = count(rf"[+-]?[1-9]\d{{0,2}}{m}\d{{3}}")
            once = count(rf"[+-]?\d*{m}\d*(?:[eE][+-]?\d+)?")
            decimal[mark] = once - either[mark] + count(_GROUPS.format(mark=o, count="+") + rf"{m}\d*")
            thousands[mark] = count(_GROUPS.format(mark=m, count="{2,}")) + count(
                _GROUPS.format(mark=m, count="+") + rf"{o}\d*"
            )
        return cls(decimal, thousands, either, count(r"[+-]?\d{1,3}"), count(r"[+-]?\d{4,}"))

    def marks(self, notation: Notation) -> tuple[str, str] | None:
        """Return the marks of decimals and of thousands; None if nothing tells, or cells contradict."""
        for decimal, thousands in ((".", ","), (",", ".")):
            against = self.decimal[thousands] + self.thousands[decimal]
            sure = self.decimal[decimal] + self.thousands[thousands]
            if against or not sure:
                continue
            usual = decimal == "." and not (self.either[","] + self.thousands[","] + self.decimal[","])
            return (decimal, thousands) if usual or sure >= _EVIDENCE else None
        if sum(self.decimal.values()) + sum(self.thousands.values()) + self.either[","] > 0:
            return None
        if not self.either["."] or not (notation.semicolons or (self.short and not self.long)):
            return ".", ","
        return None

    def example(self, cells: pd.Series) -> str:
        """Return the first cell with a mark that could mean either."""
        patterns = (r"[+-]?[1-9]\d{0,2}[.,]\d{3}", r".*,.*", r".*[.,].*")
        pattern = next(pattern for pattern in patterns if cells.str.fullmatch(pattern).any())
        return str(cells[cells.str.fullmatch(pattern)].iloc[0])
