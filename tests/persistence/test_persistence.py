"""Saving and loading: the same forecasts to the bit, and no half-written model ever."""

from __future__ import annotations

import json
import os
import shutil
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from sklearn.base import clone

from tsseq2seq import (
    Binned,
    Calendar,
    InverseSigmoid,
    Linear,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    StudentT,
    Training,
    Tweedie,
    ZeroInflatedNegativeBinomial,
    load,
    persistence,
)
from tsseq2seq.errors import ModelFileError, ParameterError, TsSeq2SeqWarning
from tsseq2seq.nn.outputs import Output
from tsseq2seq.persistence import decode, encode
from tsseq2seq.persistence.classes import ESTIMATORS
from tsseq2seq.settings import Settings

HORIZON = 3

posix = pytest.mark.skipif(os.name != "posix", reason="links and permissions are those of POSIX")


def forecaster(**settings) -> Seq2SeqForecaster:
    training = Training(max_steps=2, progress=False, precision="float32")
    return Seq2SeqForecaster(
        HORIZON, **({"network": Network(hidden_size=4), "training": training} | settings)
    )


def frame(ds=None, ids=("b", "a"), length: int = 30) -> pd.DataFrame:
    ds = pd.date_range("2024-01-01", periods=length, freq="D") if ds is None else ds[:length]
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"unique_id": [name] * length, "ds": ds, "y": rng.normal(size=length).cumsum()})
        for name in ids
    ]
    return pd.concat(parts, ignore_index=True)


DF = frame()


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    return forecaster().fit(DF)


@pytest.fixture
def saved(fitted: Seq2SeqForecaster, tmp_path: Path) -> Path:
    fitted.save(tmp_path / "model")
    return tmp_path / "model"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def there_and_back(model: Seq2SeqForecaster, folder: Path) -> Seq2SeqForecaster:
    model.save(folder / "model")
    return load(folder / "model")


FRAMES = {
    "days": DF,
    "integers": frame(np.arange(0, 90, 3)),
    "daylight saving": frame(
        pd.date_range("2024-03-29", periods=60, freq="h", tz="Europe/Berlin"), length=60
    ),
    "fixed offset": frame(pd.date_range("2024-01-01", periods=30, freq="15min", tz="+05:30")),
    "seconds": frame(pd.date_range("2024-01-01", periods=30, freq="D", unit="s")),
    "month ends": frame(pd.date_range("2020-01-31", periods=30, freq="ME")),
    "integer names": frame(ids=(2, 1)),
    "strange names": frame(ids=("ä/ö", "a b", "日本")),
    "text column": frame().astype({"unique_id": "string"}),
    "categories": frame().astype({"unique_id": "category"}),
    "gaps": frame().drop(index=[3, 4, 40]),
    "missing": frame().assign(y=lambda df: df["y"].where(df.index % 7 > 0)),
    "one series": frame(ids=("a",)).drop(columns="unique_id"),
    "1e8": frame().assign(y=lambda df: df["y"] + 1e8),
}


@pytest.mark.parametrize("df", FRAMES.values(), ids=FRAMES.keys())
def test_forecasts_are_the_same_to_the_bit(df: pd.DataFrame, tmp_path: Path) -> None:
    model = forecaster().fit(df)
    loaded = there_and_back(model, tmp_path)
    # a category or another kind of text becomes plain text, unless the frame is given again
    names = {"unique_id": object} if "unique_id" in df else {}
    one, other = (m.predict().astype(names) for m in (loaded, model))
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    pd.testing.assert_frame_equal(loaded.predict(df), model.predict(df), check_exact=True)
    assert loaded.predict(horizon=7).shape == model.predict(horizon=7).shape


SETTINGS = {
    "quantiles": {"output": Quantiles([0.1, 0.5, 0.9])},
    "loss": {"output": Point("huber")},
    "normal": {"output": Normal(), "segment_length": 3},
    "student": {"output": StudentT(), "network": Network(hidden_size=4, decoding="parallel")},
    "bins": {"output": Binned(bins=7)},
    "edges": {"output": Binned(bins=2, edges=(-1.0, 0.0, 1.5))},
    "mean": {"scaling": "mean"},
    "members": {"training": Training(max_steps=2, progress=False, members=2)},
    "calendar": {"calendar": "auto"},
    "calendar by name": {"calendar": ["day_of_month", "weekend"]},
    "calendar of a country": {"calendar": Calendar(["day_of_week"], country="DE-BY")},
    "network": {
        "network": Network(cell="gru", hidden_size=4, num_layers=2, bidirectional=True, attention="additive")
    },
    "parallel": {"network": Network(hidden_size=4, decoding="parallel", residual=None)},
    "schedule": {"training": Training(max_steps=2, progress=False, teacher_forcing=InverseSigmoid(5.0))},
    "optimiser": {"training": Training(max_steps=2, progress=False, optimizer=torch.optim.RAdam)},
    "lengths": {"context_length": 7, "segment_length": 2},
    "numpy numbers": {"context_length": np.int64(7), "seed": np.int32(3)},
    "series": {"scaling": "series"},
    "names": {"target_col": ["y"], "seed": None},
    "alias": {"freq": "D"},
    "offset": {"freq": pd.offsets.Day(1)},
    "validation": {"training": Training(max_steps=2, progress=False, validation_size=3, ema=0.9)},
}


def plain(value: object) -> object:
    """Settings as their class and fields, and any sequence as a list."""
    if isinstance(value, Settings):
        return type(value), {name: plain(field) for name, field in value.get_params(deep=False).items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.usefixtures("unchecked_types")  # numpy's integers stand for int
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_parameters_come_back(settings: dict, tmp_path: Path) -> None:
    model = forecaster(**settings).fit(DF)
    loaded = there_and_back(model, tmp_path)
    for name, value in model.get_params(deep=False).items():
        back = plain(getattr(loaded, name))
        # tuples become lists, and pandas offsets their alias
        assert back == plain(value) or pd.tseries.frequencies.to_offset(back) == value, name
    pd.testing.assert_frame_equal(loaded.predict(), model.predict(), check_exact=True)


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    "freq",
    ["D", pd.offsets.Day(1), pd.offsets.Hour(24), pd.DateOffset(days=1), pd.Timedelta(days=1)],
    ids=str,
)
def test_a_loaded_model_can_be_fitted_again(freq, tmp_path: Path) -> None:
    """Every freq that fit takes can be saved, and comes back as one that fit takes."""
    model = forecaster(freq=freq, seed=1).fit(DF)
    again = clone(there_and_back(model, tmp_path)).fit(DF)
    pd.testing.assert_frame_equal(again.predict(), model.predict(), check_exact=True)


def test_everything_learned_comes_back(fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
    loaded = there_and_back(fitted, tmp_path)
    pd.testing.assert_frame_equal(loaded.history_, fitted.history_)
    for name in ("context_length_", "segment_length_", "season_length_", "network_", "training_", "n_steps_"):
        assert getattr(loaded, name) == getattr(fitted, name), name
    assert loaded.frequency_.alias == fitted.frequency_.alias
    missing = {name for name in vars(fitted) if name.endswith("_")} - set(vars(loaded))
    assert not missing


@pytest.mark.parametrize(
    "output", [NegativeBinomial(), ZeroInflatedNegativeBinomial(centre="mean"), Tweedie(power=1.3)], ids=repr
)
def test_counts_come_back(tmp_path: Path, output: Output) -> None:
    counts = DF.assign(y=np.random.default_rng(0).poisson(4, size=len(DF)))
    model = forecaster(output=output).fit(counts)
    loaded = there_and_back(model, tmp_path)
    assert loaded.scaling_ == "mean"
    pd.testing.assert_frame_equal(loaded.sample(num_samples=3), model.sample(num_samples=3), check_exact=True)
    pd.testing.assert_frame_equal(loaded.predict(counts), model.predict(counts), check_exact=True)


def test_a_scaling_is_kept_by_its_name(tmp_path: Path) -> None:
    """As models were saved before scalings were classes."""
    forecaster(scaling="log1p").fit(DF.assign(y=DF["y"].abs())).save(tmp_path / "model")
    content = json.loads((tmp_path / "model" / "model.json").read_text(encoding="utf-8"))
    assert content["parameters"]["scaling"] == "log1p"
    assert content["learned"]["choices"]["scaling"] == "log1p"


def test_coupled_paths_come_back(tmp_path: Path) -> None:
    model = forecaster(output=Normal(), segment_length=3).fit(DF)
    (member,) = model.fitted_.members
    assert not torch.equal(member.coupling, torch.eye(3)), "or there would be nothing to lose"
    loaded = there_and_back(model, tmp_path)
    assert torch.equal(loaded.fitted_.members[0].coupling, member.coupling)
    pd.testing.assert_frame_equal(loaded.sample(num_samples=3), model.sample(num_samples=3), check_exact=True)


def test_edges_found_in_the_data_come_back(tmp_path: Path) -> None:
    model = forecaster(output=Binned(bins=7)).fit(DF)
    loaded = there_and_back(model, tmp_path)
    assert list(loaded.output_.edges) == list(model.output_.edges)
    assert loaded.output.edges is None, "and the parameter stays as it was given"


def test_a_calendar_goes_on_into_the_horizon_of_a_loaded_model(tmp_path: Path) -> None:
    model = forecaster(calendar=["day_of_week", "day_of_month"]).fit(DF)
    loaded = there_and_back(model, tmp_path)
    one, other = (m.fitted_.panel.calendar for m in (loaded, model))
    for name in ("rows", "first", "last"):
        assert torch.equal(getattr(one, name), getattr(other, name))
    pd.testing.assert_frame_equal(loaded.predict(horizon=9), model.predict(horizon=9), check_exact=True)


def test_a_calibration_comes_back(tmp_path: Path) -> None:
    model = forecaster().fit(DF).calibrate(frame(ids=("c", "d", "e", "f")))
    loaded = there_and_back(model, tmp_path)
    expected = model.predict(levels=[50])
    assert {"Seq2Seq-lo-50", "Seq2Seq-hi-50"} <= set(expected)
    pd.testing.assert_frame_equal(loaded.predict(levels=[50]), expected, check_exact=True)


def test_predictions_go_by_what_was_fitted_even_if_parameters_changed_since(tmp_path: Path) -> None:
    model = forecaster().fit(DF)
    before = model.predict()
    model.set_params(horizon=9, network__hidden_size=32, scaling="none", target_col="z", output=Quantiles())
    loaded = there_and_back(model, tmp_path)
    pd.testing.assert_frame_equal(loaded.predict(), before, check_exact=True)
    assert loaded.horizon == 9


def test_it_can_be_saved_loaded_and_saved_again(fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
    loaded = there_and_back(fitted, tmp_path)
    loaded.save(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(tmp_path / "model")


def test_the_folder_holds_json_and_safetensors_and_no_pickle(saved: Path) -> None:
    assert sorted(contents(saved)) == ["model.json", "tensors.safetensors"]
    content = json.loads((saved / "model.json").read_text(encoding="utf-8"))
    assert content["format"] == persistence.FORMAT
    assert content["class"] == "tsseq2seq.Seq2SeqForecaster"
    for data in contents(saved).values():
        assert not data.startswith((b"\x80", b"PK"))  # pickles, and torch's zip files


def test_the_json_is_strict(tmp_path: Path) -> None:
    """NaN is no JSON: other languages could not read it."""
    forecaster(training=Training(max_steps=2, progress=False)).fit(DF).save(tmp_path / "model")
    text = (tmp_path / "model" / "model.json").read_text(encoding="utf-8")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in model.json")

    json.loads(text, parse_constant=refuse)


def test_paths_may_be_text_and_parents_are_made(fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
    fitted.save(str(tmp_path / "a" / "b" / "model"))
    assert load(str(tmp_path / "a" / "b" / "model")).horizon == HORIZON


def test_the_current_folder_is_no_obstacle(
    fitted: Seq2SeqForecaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fitted.save("model")
    assert load("model").horizon == HORIZON


def test_saving_over_a_saved_model_replaces_it(saved: Path) -> None:
    other = Seq2SeqForecaster(
        5, network=Network(hidden_size=3), training=Training(max_steps=1, progress=False)
    ).fit(DF)
    other.save(saved)
    pd.testing.assert_frame_equal(load(saved).predict(), other.predict(), check_exact=True)
    assert sorted(path.name for path in saved.parent.iterdir()) == ["model"], "nothing is left beside it"


def test_only_the_two_files_of_a_model_are_replaced(saved: Path, fitted: Seq2SeqForecaster) -> None:
    """A folder of models that is a model itself, with notes and a checkpoint beside it."""
    fitted.save(saved / "v2")
    (saved / "notes.txt").write_text("precious")
    (saved / ".hidden").mkdir()
    others = {name: data for name, data in contents(saved).items() if os.sep in name or name == "notes.txt"}
    fitted.save(saved)
    assert others.items() <= contents(saved).items()
    assert (saved / ".hidden").is_dir()
    assert load(saved / "v2").horizon == HORIZON


@posix
def test_links_to_folders_and_files_stay(fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "large").mkdir()
    fitted.save(tmp_path / "disk")
    link, tensors = tmp_path / "link", tmp_path / "disk" / "tensors.safetensors"
    link.symlink_to(tmp_path / "disk", target_is_directory=True)
    tensors.rename(tmp_path / "large" / "there.safetensors")
    tensors.symlink_to(tmp_path / "large" / "there.safetensors")
    other = forecaster(network=Network(hidden_size=3)).fit(DF)
    other.save(link)
    assert link.is_symlink()
    assert tensors.is_symlink()
    pd.testing.assert_frame_equal(load(link).predict(), other.predict(), check_exact=True)
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if not path.is_dir())
    assert found == ["disk/model.json", "disk/tensors.safetensors", "large/there.safetensors"]


@posix
@pytest.mark.parametrize("umask", [0o022, 0o007, 0o077])
def test_permissions_are_those_that_the_umask_leaves(
    fitted: Seq2SeqForecaster, tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        fitted.save(tmp_path / "model")
    finally:
        os.umask(before)
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o777 & ~umask
    for file in (tmp_path / "model").iterdir():
        assert file.stat().st_mode & 0o777 == 0o666 & ~umask, file


def test_an_empty_folder_may_be_used(fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    fitted.save(tmp_path / "empty")
    assert load(tmp_path / "empty").horizon == HORIZON


def test_another_folder_is_left_as_it_is(fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.txt").write_text("precious")
    with pytest.raises(ModelFileError, match="photos exists and is not a saved model; it is left as it is"):
        fitted.save(tmp_path / "photos")
    assert contents(tmp_path) == {os.path.join("photos", "one.txt"): b"precious"}


def test_a_file_is_left_as_it_is(fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("precious")
    with pytest.raises(ModelFileError, match="notes exists and is not a saved model"):
        fitted.save(tmp_path / "notes")
    with pytest.raises(ModelFileError, match="notes"):
        fitted.save(tmp_path / "notes" / "model")
    assert contents(tmp_path) == {"notes": b"precious"}


def test_a_folder_with_somebody_elses_model_json_is_left_as_it_is(
    fitted: Seq2SeqForecaster, tmp_path: Path
) -> None:
    """Other tools call their file model.json too."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "model.json").write_text('{"layers": []}')
    (tmp_path / "other" / "weights.bin").write_text("precious")
    before = contents(tmp_path)
    with pytest.raises(ModelFileError, match="other"):
        fitted.save(tmp_path / "other")
    assert contents(tmp_path) == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ModelFileError, match="cannot be written"):
        fitted.save(tmp_path / "model")
    tmp_path.chmod(0o700)


class TestWhatCannotBeSaved:
    """Functions have no text to be saved as; the warning says what becomes of them."""

    @staticmethod
    def save(model: Seq2SeqForecaster, folder: Path) -> list[warnings.WarningMessage]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.save(folder)
        return caught

    @staticmethod
    def with_a_schedule() -> Seq2SeqForecaster:
        settings = Training(max_steps=2, progress=False, teacher_forcing=lambda step: 0.5)
        return forecaster(training=settings).fit(DF)

    def test_a_schedule_that_is_a_function_is_left_out(self, tmp_path: Path) -> None:
        model = self.with_a_schedule()
        self.save(model, tmp_path / "model")
        loaded = load(tmp_path / "model")
        assert loaded.training.teacher_forcing is None
        pd.testing.assert_frame_equal(loaded.predict(), model.predict(), check_exact=True)

    def test_there_is_one_warning_that_names_the_parameter(self, tmp_path: Path) -> None:
        (warning,) = self.save(self.with_a_schedule(), tmp_path / "model")
        assert warning.category is TsSeq2SeqWarning
        assert "functions cannot be saved" in str(warning.message)
        assert "training.teacher_forcing" in str(warning.message)

    def test_a_loss_that_is_a_function_does_not_make_the_model_unloadable(self, tmp_path: Path) -> None:
        model = forecaster(output=Point(lambda forecast, truth: (forecast - truth) ** 4)).fit(DF)
        assert self.save(model, tmp_path / "model")
        pd.testing.assert_frame_equal(load(tmp_path / "model").predict(), model.predict(), check_exact=True)

    def test_an_optimiser_of_the_users_own_does_not_either(self, tmp_path: Path) -> None:
        class Mine(torch.optim.SGD):
            def __init__(self, params, lr: float = 0.01, weight_decay: float = 0.0) -> None:
                super().__init__(params, lr=lr, weight_decay=weight_decay)

        model = forecaster(training=Training(max_steps=2, progress=False, optimizer=Mine)).fit(DF)
        assert self.save(model, tmp_path / "model")
        pd.testing.assert_frame_equal(load(tmp_path / "model").predict(), model.predict(), check_exact=True)

    def test_names_that_are_neither_text_nor_numbers_are_refused_before_anything_is_written(
        self, tmp_path: Path
    ) -> None:
        model = forecaster().fit(frame(ids=(("a", 1), ("b", 2))))
        with pytest.raises(
            ParameterError, match=r"named by a tuple; a saved model can hold text and numbers"
        ):
            model.save(tmp_path / "model")
        assert list(tmp_path.iterdir()) == []


def change_json(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        file = folder / "model.json"
        content = json.loads(file.read_text(encoding="utf-8"))
        del content["sha256"]["model"]  # as who means to change it does
        replaced = change(content)
        file.write_text(json.dumps(content if replaced is None else replaced), encoding="utf-8")

    return apply


def first_format(content: dict) -> dict:
    """Name all classes as format 1 did, without their module."""

    def bare(value: object) -> object:
        if isinstance(value, list):
            return [bare(item) for item in value]
        if not isinstance(value, dict):
            return value
        named = ("class", "settings", "estimator")
        return {
            key: item.removeprefix("tsseq2seq.") if key in named and isinstance(item, str) else bare(item)
            for key, item in value.items()
        }

    return {**bare(content), "format": 1}  # type: ignore[dict-item]


class TestClasses:
    """By what names classes are found again: the library's, and a user's own."""

    CELL = """
from dataclasses import dataclass
from tsseq2seq.nn.outputs import Output
from tsseq2seq.settings import Settings

@dataclass(frozen=True)
class Linear(Settings):
    share: float = {default}
    def __call__(self, step):
        return self.share
"""

    @pytest.fixture(autouse=True)
    def forgotten(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Classes made here leave the registries again, and their modules Python's."""
        self.monkeypatch = monkeypatch
        monkeypatch.setattr(Settings, "registry", dict(Settings.registry))
        before = dict(ESTIMATORS)
        yield
        ESTIMATORS.clear()
        ESTIMATORS.update(before)

    def run_cell(self, module: str = "__main__", default: float = 0.5) -> type[Settings]:
        made = types.ModuleType(module)
        if module not in sys.modules:
            self.monkeypatch.setitem(sys.modules, module, made)  # where dataclasses looks names up
        exec(self.CELL.format(default=default), vars(made))
        return made.Linear

    def scheduled(self, schedule: object) -> Seq2SeqForecaster:
        return forecaster(training=Training(max_steps=2, progress=False, teacher_forcing=schedule)).fit(DF)

    @pytest.mark.parametrize("module", ["__main__", "my.schedules", "tsseq2seq_extras"])
    def test_a_users_class_and_the_librarys_of_the_same_name(self, module: str, tmp_path: Path) -> None:
        own = self.run_cell(module)
        there_and_back(self.scheduled(Linear(steps=4)), tmp_path / "library")
        there_and_back(self.scheduled(own(0.25)), tmp_path / "user")
        assert load(tmp_path / "library" / "model").training.teacher_forcing == Linear(steps=4)
        found = load(tmp_path / "user" / "model").training.teacher_forcing
        assert type(found) is own
        assert found == own(0.25)

    def test_a_cell_that_is_run_again_defines_the_class_anew(self, tmp_path: Path) -> None:
        self.scheduled(self.run_cell()(0.25)).save(tmp_path / "model")
        again = self.run_cell(default=0.75)
        found = load(tmp_path / "model").training.teacher_forcing
        assert type(found) is again
        assert found.share == 0.25

    def test_a_class_that_is_not_known_is_named(self, tmp_path: Path) -> None:
        self.scheduled(self.run_cell("my.schedules")(0.25)).save(tmp_path / "model")
        del Settings.registry["my.schedules.Linear"]
        with pytest.raises(ModelFileError, match=r"'my\.schedules\.Linear'.*import the module") as refusal:
            load(tmp_path / "model")
        assert str(tmp_path / "model") in str(refusal.value)
        own = self.run_cell("my.schedules")
        assert type(load(tmp_path / "model").training.teacher_forcing) is own

    def test_a_class_of_a_function(self, tmp_path: Path) -> None:
        @dataclass(frozen=True)
        class Steady(Settings):
            share: float = 0.5

            def __call__(self, step: int) -> float:
                return self.share

        loaded = there_and_back(self.scheduled(Steady(0.25)), tmp_path)
        assert loaded.training.teacher_forcing == Steady(0.25)

    def test_a_users_estimator_and_the_librarys_of_the_same_name(
        self, fitted: Seq2SeqForecaster, tmp_path: Path
    ) -> None:
        names = {"__module__": "my.models", "__qualname__": "Seq2SeqForecaster"}
        own = type("Seq2SeqForecaster", (Seq2SeqForecaster,), names)
        fitted.save(tmp_path / "library")
        mine = own(HORIZON, network=Network(hidden_size=4), training=fitted.training).fit(DF)
        mine.save(tmp_path / "user")
        with pytest.raises(ModelFileError, match=r"'my\.models\.Seq2SeqForecaster'.*import the module"):
            load(tmp_path / "user")
        persistence.register(own)
        assert type(load(tmp_path / "library")) is Seq2SeqForecaster
        loaded = load(tmp_path / "user")
        assert type(loaded) is own
        pd.testing.assert_frame_equal(loaded.predict(), mine.predict(), check_exact=True)

    def test_a_model_of_the_first_format(self, tmp_path: Path) -> None:
        own = self.run_cell()
        model = self.scheduled(Linear(steps=4))
        model.save(tmp_path / "model")
        change_json(first_format)(tmp_path / "model")
        assert "tsseq2seq." not in (tmp_path / "model" / "model.json").read_text(encoding="utf-8")
        loaded = load(tmp_path / "model")
        assert type(loaded.training.teacher_forcing) is Linear is not own
        pd.testing.assert_frame_equal(loaded.predict(), model.predict(), check_exact=True)

    def test_an_ensemble_of_the_first_format(self, tmp_path: Path) -> None:
        model = Seq2SeqEnsemble([forecaster(), forecaster(network=Network(hidden_size=3))]).fit(DF)
        model.save(tmp_path / "model")
        change_json(first_format)(tmp_path / "model")
        assert "tsseq2seq." not in (tmp_path / "model" / "model.json").read_text(encoding="utf-8")
        pd.testing.assert_frame_equal(load(tmp_path / "model").predict(), model.predict(), check_exact=True)


def cut(name: str, keep: float) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * keep)])

    return apply


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (shutil.rmtree, "model is not a saved model: there is no model.json in it"),
    "no json": (lambda f: (f / "model.json").unlink(), "there is no model.json in it"),
    "no tensors": (
        lambda f: (f / "tensors.safetensors").unlink(),
        "tensors.safetensors is missing or truncated",
    ),
    "json cut": (cut("model.json", 0.5), "model.json is truncated or not JSON"),
    "json empty": (cut("model.json", 0.0), "model.json is truncated or not JSON"),
    "json not text": (
        lambda f: (f / "model.json").write_bytes(b"\xff\xfe\x00"),
        "model.json is truncated or not JSON",
    ),
    "tensors cut": (cut("tensors.safetensors", 0.9), "tensors.safetensors is missing or truncated"),
    "tensors cut in the header": (
        cut("tensors.safetensors", 0.01),
        "tensors.safetensors is missing or truncated",
    ),
    "tensors empty": (cut("tensors.safetensors", 0.0), "tensors.safetensors is missing or truncated"),
    "newer": (
        change_json(lambda c: c.update(format=persistence.FORMAT + 1)),
        r"has the format \d+; this version reads up to \d+. Upgrade tsseq2seq",
    ),
    "not ours": (
        change_json(lambda c: {"layers": []}),
        "has no format number; it is not a saved model",
    ),
    "a list": (change_json(lambda c: [c]), "has no format number; it is not a saved model"),
    "unknown class": (
        change_json(lambda c: c.update({"class": "Oracle"})),
        "class is 'Oracle'; known are .*Seq2SeqForecaster",
    ),
    "unknown parameter": (
        change_json(lambda c: c["parameters"].update(colour=1)),
        "does not fit this version's Seq2SeqForecaster",
    ),
    "unknown settings": (
        change_json(lambda c: c["parameters"]["network"].update(settings="Brain")),
        r"model.json: class is 'Brain'; known are .*tsseq2seq\.Network,",
    ),
    "no parameters": (change_json(lambda c: c.pop("parameters") and None), "does not fit this version's"),
    "parameters no object": (change_json(lambda c: c.update(parameters=3)), "does not fit this version's"),
    "nothing learned": (change_json(lambda c: c.update(learned={})), "does not fit this version's"),
    "a tensor missing": (
        change_json(lambda c: c["tensors"].append("model.extra")),
        "tensors.safetensors lacks the tensor 'model.extra'",
    ),
    "weights of another size": (
        change_json(lambda c: c["learned"]["choices"]["network"]["fields"].update(hidden_size=5)),
        "does not fit this version's",
    ),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES.keys())
def test_what_is_not_a_whole_saved_model_is_refused(saved: Path, damage, message: str) -> None:
    damage(saved)
    with pytest.raises(ModelFileError, match=message):
        load(saved)


def test_a_file_is_not_a_saved_model(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(
        ModelFileError, match=r"file is a file; a saved model is the folder that holds model.json"
    ):
        load(tmp_path / "file")


def test_loading_changes_no_random_state(saved: Path) -> None:
    before = torch.get_rng_state()
    load(saved)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_loaded_model_was_not_trained_again(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Seq2SeqForecaster, "fit", None)
    assert len(load(saved).predict()) == 2 * HORIZON


KEYS = st.one_of(
    st.lists(st.sampled_from(["float", "settings", "fields", "estimator", "parameters", "optimizer", "pairs", "a"]), unique=True),
    st.lists(st.integers(-3, 3), unique=True),
    st.lists(st.booleans(), unique=True),
    st.lists(st.text(max_size=2), unique=True),
)  # fmt: skip


@given(KEYS)
def test_a_dict_keeps_its_keys_and_their_types(keys: list) -> None:
    """Class weights have labels as keys: numbers too, and names that this format gives a meaning."""
    given_dict = {"weights": dict.fromkeys(keys, 1.5)}
    again = decode(json.loads(json.dumps(encode(given_dict, "", []))))
    assert again == given_dict
    assert [type(key) for key in again["weights"]] == [type(key) for key in keys]
