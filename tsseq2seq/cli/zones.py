"""Time zones: what repeats itself every day does so by the clocks of a place, which offsets do not name."""

from __future__ import annotations

import zoneinfo

import pandas as pd

from tsseq2seq.errors import DataError, ParameterError, shown

__all__ = ["check_zone", "in_zone"]


def check_zone(zone: str) -> None:
    """Refuse a zone that does not exist.

    Raises
    ------
    ParameterError
        Naming the option.
    """
    try:
        pd.Timestamp(0, tz=zone)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError, IsADirectoryError) as error:
        raise ParameterError(
            f"--time-zone is {shown(zone)}; it must be a place such as Europe/Berlin, or UTC"
        ) from error


def in_zone(times: pd.Series, zone: str | None) -> pd.Series:
    """Return time stamps by the clocks of a zone.

    Parameters
    ----------
    times
        Datetimes. Without an offset they are taken for what those clocks show.
    zone
        None: as they are.

    Raises
    ------
    DataError
        If the clocks showed a time twice or never, and no order of the rows tells which is meant.

    Examples
    --------
    >>> times = pd.Series(pd.to_datetime(["2024-07-01 06:00+00:00"]))
    >>> in_zone(times, "Europe/Berlin")[0].isoformat()
    '2024-07-01T08:00:00+02:00'
    """
    if zone is None or not pd.api.types.is_datetime64_any_dtype(times.dtype):
        return times
    if times.dt.tz is not None:
        return times.dt.tz_convert(zone)
    try:
        return times.dt.tz_localize(zone, ambiguous="infer")
    except ValueError as error:
        raise DataError(
            f"column {times.name!r} has time stamps that the clocks of {zone} showed twice or never: "
            f"{error}. Write them with their offset from UTC, such as 2024-10-27 02:00:00+01:00"
        ) from error
