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
        Dimensions of an array, 1 or 2.
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
        if parts[field] is not None and parts[field]["categories"] is not None:
            parts[field]["categories"] = [_plain(value) for value in parts[field]["categories"]]
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
        described = parts[field]
        if described is not None:
            categories = described["categories"]
            categories = None if categories is None else tuple(categories)
            fields[field] = ColumnType(**{**described, "categories": categories})
    return FrameKind(**fields)


def _plain(value: Any) -> Any:  # noqa: ANN401
    item = getattr(value, "item", None)
    value = item() if callable(item) else value
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
