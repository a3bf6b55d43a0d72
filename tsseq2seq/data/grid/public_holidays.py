"""Public holidays of a country, from the package ``holidays``."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError, require, warn

__all__ = ["check_country", "holiday_flags"]


def holiday_flags(times: pd.DatetimeIndex, country: str) -> list[np.ndarray]:
    """Return three flags of each time: the day is a holiday, the next day is, the day before was."""
    days = times.to_numpy().astype("M8[D]")
    years = {int(year) for year in np.unique(times.year)}
    calendar = _country_holidays(country)
    first, last = getattr(calendar, "start_year", None), getattr(calendar, "end_year", None)
    outside = sorted(year for year in years if (first and year < first) or (last and year > last))
    if outside:
        warn(
            f"Calendar: for country {country!r} the package holidays knows the years {first} to {last}; the "
            f"days of {len(outside)} other years, from {outside[0]} to {outside[-1]}, count as no holidays",
            DataWarning,
        )
    around = np.unique(np.concatenate([days + shift for shift in (-1, 0, 1)]).astype("M8[Y]"))
    dates = np.array(sorted(_country_holidays(country, around.astype(int) + 1970)), dtype="M8[D]")
    return [np.isin(days + shift, dates) for shift in (0, 1, -1)]


def _country_holidays(country: str, years: np.ndarray | None = None) -> Any:  # noqa: ANN401 (untyped)
    holidays = require("holidays", extra="holidays", purpose="Calendar(country=...)")
    code, _, subdivision = country.partition("-")
    return holidays.country_holidays(
        code, subdiv=subdivision or None, years=None if years is None else years.tolist()
    )


def check_country(country: object) -> None:
    """Refuse a code that the package does not know; the message names similar ones."""
    if not isinstance(country, str):
        raise ParameterTypeError(
            f"Calendar: country is {country!r}; it must be text such as 'DE' or 'DE-BY', or None"
        )
    holidays = require("holidays", extra="holidays", purpose="Calendar(country=...)")
    code, dash, subdivision = country.partition("-")
    subdivisions = holidays.list_supported_countries(include_aliases=True)
    if code not in subdivisions:
        raise ParameterError(
            f"Calendar: country is {country!r}, but the package holidays knows no country {code!r}"
            f"{_near_countries(code)}; codes are those of ISO 3166, such as 'DE', 'US' or 'DE-BY'"
        )
    if not dash:
        return
    try:
        exists = bool(subdivision) and _country_holidays(country) is not None
    except NotImplementedError:
        exists = False
    if not exists:
        near = difflib.get_close_matches(subdivision.upper(), subdivisions[code], n=3)
        meant = f" (near it: {', '.join(near)})" if near else ""
        raise ParameterError(
            f"Calendar: country is {country!r}, but {code} has no subdivision {subdivision!r}{meant}; "
            f"it has: {', '.join(subdivisions[code]) or 'none'}"
        )


def _near_countries(text: str) -> str:
    registry = require("holidays.registry", extra="holidays", purpose="Calendar(country=...)")
    codes: dict[str, str] = {}
    for name, (_, code, *others) in registry.COUNTRIES.items():
        codes |= {
            key.lower(): f"{code!r} ({name.replace('_', ' ').title()})" for key in (name, code, *others)
        }
    near = difflib.get_close_matches(text.lower().replace(" ", "_"), codes, n=3)
    return f" (near it: {', '.join(dict.fromkeys(codes[key] for key in near))})" if near else ""
