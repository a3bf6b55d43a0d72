"""The kind of an input frame: all that is needed to return forecasts as the same kind."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from tsseq2seq.data.frames.column_type import ColumnType

__all__ = ["FrameKind", "frame_kind_from_parts", "frame_kind_to_parts"]


@dataclass(frozen=True)
class FrameKind:
    """The kind of an input frame: its form, library, types and names.

    Attributes
    ----------
    form
        ``"long"``: series and time in columns. ``"index"``: time, or series and time, in the index.
        ``"wide"``: time in the index, a column for each series. ``"series"``: a pandas Series.
        ``"array"``: numbers without time.
    library
        narwhals' name of the library: ``"pandas"``, ``"polars"``, ``"pyarrow"``, …; ``"numpy"`` for arrays
        and lists.
    id, time
        Types of the series' names and of the time stamps. None: the types after reading.
    levels
        The role of each level of the index, ``"id"`` or ``"time"``. Empty: the index has no role.
    level_names
        Names of these levels.
    column_names
        Names of the column levels of a wide frame.
    name
        Name of a Series, or of the only column of a wide frame if ``id_col`` is None.
    freq
        ``freq`` of the index. None: it has none.
    dims
        1 or 2, the dimensions of an array.
    future
        Name and type of each future covariate; None: as it was read.
    """

    form: str = "long"
    library: str = "pandas"
    id: ColumnType | None = None
    time: ColumnType | None = None
    levels: tuple[str, ...] = ()
    level_names: tuple[Any, ...] = ()
    column_names: tuple[Any, ...] = ()
    name: Any = None
    freq: str | None = None
    dims: int = 1
    future: tuple[tuple[str, ColumnType | None], ...] = ()


def frame_kind_to_parts(kind: FrameKind) -> dict[str, Any]:
    """Return a kind as values that JSON can hold. Names that JSON cannot hold become text.

    Examples
    --------
    >>> frame_kind_to_parts(FrameKind(form="series", name="sales"))["name"]
    'sales'
    """
    parts = dataclasses.asdict(kind) | {"name": _plain(kind.name)}
    for field in ("levels", "level_names", "column_names"):
        parts[field] = [_plain(value) for value in getattr(kind, field)]
    for field in ("id", "time"):
        parts[field] = _type_to_parts(getattr(kind, field))
    parts["future"] = [[name, _type_to_parts(described)] for name, described in kind.future]
    return parts


def frame_kind_from_parts(parts: dict[str, Any]) -> FrameKind:
    """Return the kind of parts.

    Examples
    --------
    >>> kind = FrameKind(levels=("time",), level_names=("day",))
    >>> frame_kind_from_parts(frame_kind_to_parts(kind)) == kind
    True
    """
    fields = dict(parts)
    for field in ("levels", "level_names", "column_names"):
        fields[field] = tuple(parts[field])
    for field in ("id", "time"):
        fields[field] = _type_from_parts(parts[field])
    future = parts.get("future", ())  # not in models of the first format
    fields["future"] = tuple((name, _type_from_parts(described)) for name, described in future)
    return FrameKind(**fields)


def _type_to_parts(described: ColumnType | None) -> dict[str, Any] | None:
    if described is None:
        return None
    categories = described.categories
    plain = None if categories is None else [_plain(value) for value in categories]
    return dataclasses.asdict(described) | {"categories": plain}


def _type_from_parts(parts: dict[str, Any] | None) -> ColumnType | None:
    if parts is None:
        return None
    categories = parts["categories"]
    return ColumnType(**{**parts, "categories": None if categories is None else tuple(categories)})


def _plain(value: Any) -> Any:  # noqa: ANN401
    item = getattr(value, "item", None)
    value = item() if callable(item) else value
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
