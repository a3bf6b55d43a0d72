"""The page of a report: whole, self-contained, and deaf to what names say."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.report.conftest import SHORT, UGLY, panel
from tsseq2seq import Seq2SeqForecaster, Training, datasets
from tsseq2seq.errors import ParameterError
from tsseq2seq.report import Findings, find, write_report
from tsseq2seq.report.chart_data import chart_data, embedded
from tsseq2seq.report.page import page
from tsseq2seq.report.scored import coverage_by_step, errors_by_step, residuals


class Seen(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        (self.scripts if self._inside == "script" else self.words).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def data_of(seen: Seen) -> dict:
    return json.loads(seen.scripts[0])


def test_the_page_of_one_series_has_every_section(passengers: Findings) -> None:
    seen = Seen(page(passengers))
    sections = [attrs["id"] for attrs in seen.all("section")]
    wanted = [
        "data",
        "leaderboard",
        "forecast",
        "errors",
        "calibration",
        "residuals",
        "attention",
        "settings",
    ]
    assert sections == wanted
    assert {attrs["href"] for attrs in seen.all("a")} == {f"#{name}" for name in wanted}
    assert len(seen.all("h1")) == 1
    assert len(seen.all("h2")) == len(wanted)


def test_the_page_of_a_panel_has_its_covariates_and_a_table_to_choose_from(shops: Findings) -> None:
    seen = Seen(page(shops))
    assert "covariates" in [attrs.get("id") for attrs in seen.all("section")]
    assert "panel" in [attrs.get("id") for attrs in seen.all("div")]
    assert len(data_of(seen)["series"]) == 3


def test_nothing_is_fetched_and_every_picture_has_a_text(passengers: Findings, shops: Findings) -> None:
    for findings in (passengers, shops):
        seen = Seen(page(findings))
        for tag, attrs in seen.tags:
            for name in ("src", "href"):
                link = attrs.get(name)
                assert link is None or link.startswith(("#", "data:image/svg+xml;base64,")), (tag, link)
        assert all(attrs.get("alt") for attrs in seen.all("img"))
        assert len(seen.all("img")) >= 3
        assert not [tag for tag, _ in seen.tags if tag in ("link", "iframe", "object")]


def test_ids_are_used_once(passengers: Findings) -> None:
    ids = [attrs["id"] for _, attrs in Seen(page(passengers)).tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_a_name_cannot_end_the_script_or_be_a_tag(shops: Findings) -> None:
    seen = Seen(page(shops, title=UGLY))
    assert len(seen.scripts) == 3
    assert not any("alert(" in script for script in seen.scripts[1:])
    assert data_of(seen)["series"][1]["id"] == UGLY
    assert UGLY in "".join(seen.words)
    assert not [attrs for _, attrs in seen.tags if "onerror" in attrs]


def test_the_chart_has_the_numbers_of_the_model(passengers: Findings) -> None:
    (one,) = chart_data(passengers)["series"]
    forecast = passengers.model.predict(levels=[90])
    np.testing.assert_allclose(one["f"], forecast["Seq2Seq"], rtol=1e-4)
    np.testing.assert_allclose(one["lo"], forecast["Seq2Seq-lo-90"], rtol=1e-4)
    history = datasets.load("air_passengers")
    np.testing.assert_allclose(one["y"], history["y"], rtol=1e-4)
    stamps = pd.to_datetime(one["t"], unit="s")
    assert stamps[: len(history)].tolist() == history["ds"].tolist()
    assert stamps[len(history) :].tolist() == forecast["ds"].tolist()


def test_missing_values_integers_as_time_and_many_series_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    from tsseq2seq.report import chart_data as module

    df = panel(["a", "b"]).assign(ds=lambda frame: frame.groupby("unique_id").cumcount())
    df.loc[3, "y"] = np.nan
    monkeypatch.setattr(module, "_MOST_VALUES", 10)
    found = chart_data(find(Seq2SeqForecaster.pretrained(4), df, windows=1))
    assert found["dates"] is False
    assert found["left_out"] == 20
    assert all(len(one["y"]) == 40 for one in found["series"])
    assert found["series"][0]["t"] == list(range(20, 64))
    assert "NaN" not in embedded(found)


def test_errors_and_coverage_by_step_are_those_of_loops(shops: Findings) -> None:
    past = shops.board.forecasts
    errors: dict[int, list[float]] = {}
    inside: dict[int, list[bool]] = {}
    level = f"{shops.levels[-1]:g}" if shops.levels else None
    for _, window in past.groupby(["unique_id", "cutoff"]):
        for step, (_, row) in enumerate(window.sort_values("ds").iterrows(), start=1):
            errors.setdefault(step, []).append(abs(row["y"] - row["Seq2Seq"]))
            if level:
                held = row[f"Seq2Seq-lo-{level}"] <= row["y"] <= row[f"Seq2Seq-hi-{level}"]
                inside.setdefault(step, []).append(held)
    found = errors_by_step(shops.board)["Seq2Seq"]
    np.testing.assert_allclose(found, [np.mean(errors[step]) for step in found.index])
    if level:
        shares = coverage_by_step(shops.board, shops.levels)[f"{level} %"]
        np.testing.assert_allclose(shares, [100 * np.mean(inside[step]) for step in shares.index])
    assert len(residuals(shops.board)) == len(past)


def test_a_short_series_has_a_page_without_a_backtest() -> None:
    findings = find(Seq2SeqForecaster.pretrained(6), panel(["a"], steps=9))
    assert findings.board is None
    text = page(findings)
    assert "There is no backtest" in text
    assert 'id="errors"' not in text


def test_without_matplotlib_a_sentence_stands_for_each_picture(
    passengers: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    text = page(passengers)
    assert "<img" not in text
    assert "There is no picture here" in text


def test_the_same_findings_give_the_same_page(passengers: Findings) -> None:
    first, again = page(passengers), page(passengers)
    without_ids = [re.sub(r"base64,[^\"]+", "", text) for text in (first, again)]
    assert without_ids[0] == without_ids[1]


def test_a_fitted_model_is_reported_as_it_is(tmp_path: Path) -> None:
    df = panel(["a", "b"])
    model = Seq2SeqForecaster(6, training=SHORT).fit(df)
    before = model.predict()
    model.report(df, tmp_path / "page.html", windows=1, title="Shops")
    pd.testing.assert_frame_equal(model.predict(), before)
    assert "<h1>Shops</h1>" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(("name", "what"), [("page.txt", ".html"), ("no/page.html", "folder"), ("", ".html")])
def test_a_path_that_cannot_be_written_is_refused_before_training(
    tmp_path: Path, name: str, what: str
) -> None:
    model = Seq2SeqForecaster(6, training=Training(max_steps=10**9, progress=False))
    with pytest.raises(ParameterError, match="path") as refused:
        model.report(panel(["a"]), tmp_path / name)
    assert what in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"target_col": ["y", "z"]}, "target_col"), ({"future_covariates": ["open"]}, "future_covariates")],
)
def test_what_a_report_cannot_tell_is_refused(settings: dict, named: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=named):
        Seq2SeqForecaster(6, **settings).report(panel(["a"]), tmp_path / "page.html")


def test_a_page_that_is_there_is_replaced_whole(passengers: Findings, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text("old")
    write_report(passengers, target)
    assert target.read_text().startswith("<!doctype html>")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
