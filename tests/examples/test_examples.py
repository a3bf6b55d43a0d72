"""Every example runs, is short enough to be copied, and stands in the list."""

from __future__ import annotations

import json
import re
import runpy
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tsseq2seq import Seq2SeqForecaster, datasets
from tsseq2seq.training import loop
from tsseq2seq.training.pace import Pace

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
#: What each prints, somewhere.
PRINTED = {
    "panel_from_sql": "north",
    "nightly_refit": "1961-01-01",
    "own_head": "Seq2Seq-lo-80",
    "own_encoder": "1961-01-01",
    "tuning_on_postgresql": "mase",
    "weather": "with it",
    "anomalies_in_logs": "score",
    "chatbot": "> hello",
    "gpu_run": "training on",
}


# Networks of two steps: what is warned of is not the example's.
pytestmark = pytest.mark.filterwarnings("ignore::tsseq2seq.errors.TsSeq2SeqWarning", "ignore::FutureWarning")


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which trainings take two steps, and searches two trials."""
    from tsseq2seq.tuning import tune as module

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["example"])
    monkeypatch.setattr(loop, "_plan_pace", lambda *_, **__: Pace(2, 2))
    whole = module.tune

    def short(*args: object, **options: object) -> object:
        return whole(*args, **(options | {"trials": 2}))

    monkeypatch.setattr(module, "tune", short)
    monkeypatch.setattr("tsseq2seq.tune", short, raising=False)
    return tmp_path


@pytest.mark.parametrize("name", PRINTED)
def test_it_runs(name: str, quick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    assert PRINTED[name] in capsys.readouterr().out


def test_the_service_answers_and_says_what_is_wrong(quick: Path) -> None:
    df = datasets.load("air_passengers")
    example = runpy.run_path(str(EXAMPLES / "rest_service.py"))
    server = example["service"](Seq2SeqForecaster(6).fit(df), 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        rows = df.assign(ds=df["ds"].dt.strftime("%Y-%m-%d")).to_dict("records")
        with urllib.request.urlopen(address, json.dumps(rows).encode()) as answer:
            forecast = json.loads(answer.read())
        assert len(forecast) == 6
        assert forecast[0]["ds"].startswith("1961-01-01")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address, json.dumps([*rows, rows[0]]).encode())
        assert refused.value.code == 422
        assert "1949-01-01" in json.loads(refused.value.read())["error"]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_each_is_short_and_in_the_list() -> None:
    listed = re.findall(r"\]\((\w+\.py)\)", (EXAMPLES / "README.md").read_text())
    assert sorted(listed) == [script.name for script in SCRIPTS]
    assert {script.stem for script in SCRIPTS} == {*PRINTED, "rest_service"}
    for script in SCRIPTS:
        assert len(script.read_text().splitlines()) < 60, script.name
