"""The catalogue of all data sets: title, sources and parser of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from tsseq2seq.datasets import parsers
from tsseq2seq.datasets.sources import PronouncingDictionary, PublicFile, ShippedFile, Source

M4 = "https://raw.githubusercontent.com/Mcompetitions/M4-methods/6c1067e5a57161249b17289a565178dc7a3fb3ca"
ETT = "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/1d16c8f4f943005d613b5bc962e9eeb06058cf07"
DARTS = "https://raw.githubusercontent.com/unit8co/darts/2be8e43fbdc1265209f33bbe8bae81f3e4d9146f"
TATOEBA = "https://raw.githubusercontent.com/ktoulgaridis/char-seq2seq-translate/7739c3996d43e2df85e9078b1e7b2540f626f3bf"
MULTI30K = "https://raw.githubusercontent.com/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a"


@dataclass(frozen=True)
class Dataset:
    """One data set.

    Parameters
    ----------
    title
        A short description, with the licence if one is stated.
    sources
        The files that it is read from.
    parse
        Returns the frame, given the bytes of each source in order.
    """

    title: str
    sources: tuple[Source, ...]
    parse: Callable[..., pd.DataFrame]


def _shipped(name: str, title: str) -> Dataset:
    return Dataset(title, (ShippedFile(f"{name}.csv"),), parsers.parse_long)


def _darts(file: str, title: str, sha256: str, parse: Callable[..., pd.DataFrame]) -> Dataset:
    source = PublicFile(f"series/{file}", f"{DARTS}/datasets/{file}", sha256)
    return Dataset(f"{title}; the data's own licence is not stated", (source,), parse)


def _multi30k(part: str, title: str, english: str, german: str) -> Dataset:
    name = f"{part}.lc.norm.tok"
    sources = tuple(
        PublicFile(f"multi30k/{name}.{language}", f"{MULTI30K}/data/task1/tok/{name}.{language}", sha256)
        for language, sha256 in (("en", english), ("de", german))
    )
    return Dataset(f"{title}; licence of the text not stated", sources, parsers.parse_parallel)


_M4_TRAIN = PublicFile(
    "m4/Hourly-train.csv",
    f"{M4}/Dataset/Train/Hourly-train.csv",
    "ea59b7783573c49077a835ab6465c7d66f1474783360f310988a9a737fbca62f",
)
_M4_TEST = PublicFile(
    "m4/Hourly-test.csv",
    f"{M4}/Dataset/Test/Hourly-test.csv",
    "71a57fccb15e534d973626ada4fb87febf789e9317715b7cc6dd3b5f90db6f42",
)
_ETTH1 = PublicFile(
    "ett/ETTh1.csv",
    f"{ETT}/ETT-small/ETTh1.csv",
    "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",
)
_TATOEBA_ELL = PublicFile(
    "tatoeba/ell.txt",
    f"{TATOEBA}/ell.txt",
    "3cf95c3582b01e4004a1b3bda5a5acf7d8db8316b14237e84d9918da67616bfc",
)

CATALOGUE: dict[str, Dataset] = {
    # Shipped with the package; datasets/<name>.md says more about each.
    "air_passengers": _shipped("air_passengers", "airline passengers, monthly, 1949-1960"),
    "co2": _shipped("co2", "carbon dioxide at Mauna Loa, weekly, 1958-2001, with weeks missing"),
    "el_nino": _shipped("el_nino", "sea surface temperature off Peru, monthly, 1950-2010"),
    "nile": _shipped("nile", "flow of the Nile at Aswan, yearly, 1871-1970"),
    "sunspots": _shipped("sunspots", "sunspot numbers, yearly, 1700-2008"),
    "us_macro": _shipped("us_macro", "ten macroeconomic series of the United States, quarterly, 1959-2009"),
    # Public sets.
    "m4_hourly": Dataset(
        "M4 competition, 414 hourly series, training part; licence not stated", (_M4_TRAIN,), parsers.parse_m4
    ),
    "m4_hourly_test": Dataset(
        "M4 competition, the 48 hours that follow each series of m4_hourly; licence not stated",
        (_M4_TEST, _M4_TRAIN),
        parsers.parse_m4_test,
    ),
    "etth1": Dataset(
        "an electricity transformer's six loads and oil temperature (OT), hourly, 2016-2018; CC BY-ND 4.0",
        (_ETTH1,),
        partial(parsers.parse_single, unique_id="ETTh1", time="date"),
    ),
    "ausbeer": _darts(
        "ausbeer.csv",
        "Australian beer production, quarterly, 1956-2008",
        "52e08974f8459ff2860d516ba6e507eb6e8fe967d4339368013c37d7a95e599b",
        partial(parsers.parse_single, unique_id="ausbeer", time="date", values={"Y": "y"}),
    ),
    "gasoline": _darts(
        "us_gasoline.csv",
        "motor gasoline supplied in the United States, weekly, 1991-2021",
        "88247f57ae77f26c56db50ee9c212860f70a2394ac1f75758a8cad56691b9be9",
        partial(
            parsers.parse_single,
            unique_id="gasoline",
            time="Week",
            values={"Gasoline": "y"},
            date_format="%m/%d/%Y",
        ),
    ),
    "ilinet": _darts(
        "ILINet.csv",
        "influenza-like illness in the United States, weekly, 1997-2022, eleven columns, four weeks absent",
        "a63fef36d97d9fc6fa9561c093bb48d5d8dc2bc36d6b80621a7387c3529ab811",
        partial(parsers.parse_single, unique_id="ilinet", time="DATE"),
    ),
    "milk": _darts(
        "monthly-milk-incomplete.csv",
        "milk per cow, monthly, 1962-1975, thirteen months absent",
        "77ce317a3136fd00fc9228fb2d1296e12aabaed6049ca36de54e0248567304d7",
        partial(
            parsers.parse_single,
            unique_id="milk",
            time="Month",
            values={"Pounds per cow": "y"},
            date_format="%Y-%m",
        ),
    ),
    "taxi": _darts(
        "taxi_new_york_passengers.csv",
        "taxi passengers in New York, half-hourly, July 2014 to January 2015",
        "cac434404cfaaf7809c50e2160ebeda9f39bb383854e62914f46748dc7f7569c",
        partial(parsers.parse_single, unique_id="taxi", time="time", values={"#Passengers": "y"}),
    ),
    "taylor": _darts(
        "taylor.csv",
        "electricity demand of England and Wales, half-hourly, June to August 2000",
        "0c9cbfcb414fc0897ea27773f1dabbb933184c09b90b750d2029631d4a451ed0",
        parsers.parse_taylor,
    ),
    "tatoeba_ell": Dataset(
        "Tatoeba, 15,928 English-Greek sentence pairs, from short to long; CC BY 2.0 FR",
        (_TATOEBA_ELL,),
        parsers.parse_tatoeba,
    ),
    "multi30k_train": _multi30k(
        "train",
        "Multi30k, 29,000 English captions and their German translations, training part",
        english="08925f8e0572bcd5a006702fc5fe20e2d77c6917d4eebd576fc20de6693c2119",
        german="cb5a23529b65ec2061f1dc446192a9c37382b63cc75f81a0be59d34894b3a505",
    ),
    "multi30k_val": _multi30k(
        "val",
        "Multi30k, 1,014 pairs, validation part",
        english="46573ce391ae227f1c72f873392436a20ef18e0a6d518098cfbd70b77c8572ec",
        german="97232bd273eceb7207f689527386a97e4be2616b18ada47576bdaf96c8ae1f00",
    ),
    "multi30k_test": _multi30k(
        "test_2016_flickr",
        "Multi30k, 1,000 pairs, test part of 2016",
        english="5b7f32627cf99eced828311b955dae9800bb52bc8b91cf8b6526829e605b29d2",
        german="c6a33d39d48f9f510de147651316cd9d918e09ad0219df734a2f16b6baccacc4",
    ),
    "cmudict": Dataset(
        "CMUdict, English words and their pronunciations in ARPAbet; BSD 2-Clause",
        (PronouncingDictionary(),),
        parsers.parse_pronunciations,
    ),
}
