"""Write the CSV files of this folder again, from statsmodels' data sets and the airline figures.

Run ``python datasets/make.py`` (it needs ``pip install 'tsseq2seq[baselines]'``). An argument names another
folder to write to. A test compares the result with the committed files.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

# Series G of Box, Jenkins and Reinsel, "Time Series Analysis": international airline
# passengers, thousands; one row a year from 1949, one column a month.
AIRLINE = """
112 118 132 129 121 135 148 148 136 119 104 118
115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166
171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201
204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278
284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336
340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405
417 391 419 461 472 535 622 606 508 461 390 432
"""

US_MACRO = ("realgdp", "realcons", "realinv", "realgovt", "realdpi", "cpi", "m1", "tbilrate", "unemp", "pop")


def long_frame(unique_id: str, ds: pd.DatetimeIndex, y: np.ndarray) -> pd.DataFrame:
    """Return one series as rows of ``unique_id``, ``ds``, ``y``."""
    return pd.DataFrame({"unique_id": unique_id, "ds": ds, "y": np.asarray(y, dtype=np.float64)})


def statsmodels_table(name: str) -> pd.DataFrame:
    """Return one of statsmodels' data sets, with all columns."""
    import statsmodels.datasets

    table: pd.DataFrame = getattr(statsmodels.datasets, name).load_pandas().data
    return table


def air_passengers() -> pd.DataFrame:
    """Monthly, January 1949 to December 1960."""
    y = np.array(AIRLINE.split(), dtype=np.float64)
    return long_frame("air_passengers", pd.date_range("1949-01-01", periods=len(y), freq="MS"), y)


def sunspots() -> pd.DataFrame:
    """Yearly, 1700 to 2008."""
    table = statsmodels_table("sunspots")
    return long_frame("sunspots", years(table["YEAR"]), table["SUNACTIVITY"].to_numpy())


def nile() -> pd.DataFrame:
    """Yearly, 1871 to 1970."""
    table = statsmodels_table("nile")
    return long_frame("nile", years(table["year"]), table["volume"].to_numpy())


def co2() -> pd.DataFrame:
    """Weekly, 29 March 1958 to 29 December 2001; weeks without a measurement stay empty."""
    table = statsmodels_table("co2")
    return long_frame("co2", pd.DatetimeIndex(table.index), table["co2"].to_numpy())


def el_nino() -> pd.DataFrame:
    """Monthly, January 1950 to December 2010; the source has one row a year and one column a month."""
    table = statsmodels_table("elnino")
    y = table.drop(columns="YEAR").to_numpy().ravel()
    first = pd.Timestamp(int(table["YEAR"].iloc[0]), 1, 1)
    return long_frame("el_nino", pd.date_range(first, periods=len(y), freq="MS"), y)


def us_macro() -> pd.DataFrame:
    """Ten quarterly series, 1959 Q1 to 2009 Q3; the source has one column a series."""
    table = statsmodels_table("macrodata")
    quarters = zip(table["year"].astype(int), table["quarter"].astype(int), strict=True)
    ds = pd.DatetimeIndex([pd.Timestamp(year, 3 * quarter - 2, 1) for year, quarter in quarters])
    return pd.concat([long_frame(name, ds, table[name].to_numpy()) for name in US_MACRO], ignore_index=True)


def years(numbers: pd.Series) -> pd.DatetimeIndex:
    """Return the first day of each year."""
    return pd.DatetimeIndex([pd.Timestamp(int(year), 1, 1) for year in numbers])


SERIES: dict[str, Callable[[], pd.DataFrame]] = {
    "air_passengers": air_passengers,
    "sunspots": sunspots,
    "co2": co2,
    "el_nino": el_nino,
    "nile": nile,
    "us_macro": us_macro,
}


def to_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV: ISO dates, numbers with up to 12 digits, nothing for a missing value."""
    rows = (
        f"{unique_id},{ds:%Y-%m-%d},{'' if np.isnan(y) else format(y, '.12g')}"
        for unique_id, ds, y in frame.itertuples(index=False)
    )
    return "\n".join(["unique_id,ds,y", *rows, ""])


def write(folder: Path) -> list[Path]:
    """Write every series to ``folder`` and return the files."""
    files = []
    for name, make in SERIES.items():
        file = folder / f"{name}.csv"
        file.write_text(to_csv(make()), encoding="utf-8", newline="\n")
        files.append(file)
    return files


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the CSV files of this folder again.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    for written in write(parser.parse_args().folder):
        print(written)
