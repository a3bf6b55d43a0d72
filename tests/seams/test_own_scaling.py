"""A scaling written outside the library goes all the way: fitted, forecast with, saved, searched, refused."""

from __future__ import annotations

import copy
import functools
import inspect
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from torch import Tensor

from tsseq2seq import (
    NegativeBinomial,
    Network,
    Normal,
    Quantiles,
    Seq2SeqForecaster,
    Training,
    load,
    tune,
)
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.data.scaling.statistics import lowest_value, mean_and_deviation
from tsseq2seq.data.scaling.transformation import Transformation
from tsseq2seq.data.scaling.window import Window
from tsseq2seq.errors import DataError, ModelFileError, ParameterError
from tsseq2seq.nn.outputs import Output
from tsseq2seq.settings import Settings


@dataclass(frozen=True)
class PerThousand(Scaling):
    """Count in thousands, or in another unit."""

    name = "per thousand"
    centred = False
    unit: float = 1000.0

    def fit(self, batch: Batch) -> tuple[Scale, Tensor]:
        return Scale.from_size(batch, self.unit), batch.context


@dataclass(frozen=True)
class Root(Transformation):
    """The square root of values from a lowest one on."""

    least: float
    origin: Tensor
    unit: Tensor

    def transform(self, numbers: Tensor) -> Tensor:
        return (self.origin + self.unit * numbers - self.least).clamp(min=0).sqrt().float()

    def inverse(self, transformed: Tensor) -> Tensor:
        return transformed.clamp(min=0).square() + self.least


@dataclass(frozen=True)
class SquareRoot(Scaling):
    """Centre and divide square roots, whose noise is of one size where values are counts."""

    name = "square root"
    linear = False
    least: float = 0.0

    def fit(self, batch: Batch) -> tuple[Scale, Tensor]:
        mask = batch.needed_context_mask
        root = Root(self.least, batch.origin[:, None], batch.unit[:, None])
        roots = root.transform(batch.context)
        location, spread = mean_and_deviation(roots, mask, lowest_value(roots, mask))
        level = lowest_value(batch.context, mask)
        return Scale.from_spread(batch, location, spread, level=level, transformation=root), roots

    def check(self, panel: Panel) -> None:
        for series in range(panel.count):
            lowest = np.nanmin(panel.original(series), initial=np.inf)
            if lowest < self.least:
                raise DataError(f"scaling is {self.name!r}, but a value is {lowest:g}, below {self.least:g}")


each_own = pytest.mark.parametrize(
    "scaling", [PerThousand(500.0), SquareRoot(least=-2.0)], ids=["unit", "root"]
)
HORIZON = 3


def frame() -> pd.DataFrame:
    rng, days = np.random.default_rng(0), np.arange(42)
    parts = [
        pd.DataFrame({
            "unique_id": name,
            "ds": days,
            "y": rng.poisson(level * (2 + np.sin(2 * np.pi * days / 7))).astype(float),
        })
        for name, level in (("a", 20), ("b", 300))
    ]  # fmt: skip
    df = pd.concat(parts, ignore_index=True)
    df.loc[[5, 6, 50], "y"] = np.nan
    return df


DF = frame()


def forecaster(**settings) -> Seq2SeqForecaster:
    training = Training(max_steps=4, batch_size=8, progress=False, precision="float32")
    options = {"network": Network(hidden_size=6), "training": training, "context_length": 14, "lags": [7]}
    return Seq2SeqForecaster(HORIZON, **(options | settings))


@functools.cache
def fitted(scaling: Scaling, output: Output) -> Seq2SeqForecaster:
    """Return a model that tests share."""
    return forecaster(scaling=scaling, output=output, segment_length=1).fit(DF)


@pytest.mark.parametrize("kind", [PerThousand, SquareRoot])
def test_it_takes_few_lines(kind: type[Scaling]) -> None:
    assert len(inspect.getsource(kind).splitlines()) + len(inspect.getsource(Root).splitlines()) < 40


@each_own
@pytest.mark.parametrize("output", [Quantiles((0.1, 0.5, 0.9)), Normal()], ids=repr)
def test_it_forecasts_with_intervals_and_is_saved(scaling: Scaling, output, tmp_path: Path) -> None:
    model = fitted(scaling, output)
    assert model.scaling_ is scaling
    forecast = model.predict(levels=[80])
    columns = [forecast[f"Seq2Seq{suffix}"].to_numpy() for suffix in ("-lo-80", "", "-hi-80")]
    assert np.isfinite(columns).all()
    assert (np.diff(columns, axis=0) >= 0).all()
    assert (np.diff(columns, axis=0) > 0).any()
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert (loaded.scaling, loaded.scaling_) == (scaling, scaling)
    pd.testing.assert_frame_equal(loaded.predict(levels=[80]), forecast, check_exact=True)
    pd.testing.assert_frame_equal(loaded.predict(DF), model.predict(DF), check_exact=True)


@each_own
def test_the_network_works_on_what_it_made_of_the_context(scaling: Scaling) -> None:
    """Against numpy: what enters the encoder, and what the target becomes."""
    found = fitted(scaling, Normal()).fitted_
    batch = found.cutoff_windows(found.panel, windows=1)[0]
    values = DF.query("unique_id == 'a'")["y"].to_numpy()
    context, target = values[-HORIZON - 14 : -HORIZON], values[-HORIZON:]
    if isinstance(scaling, PerThousand):
        expected = [part / 500 for part in (context, target)]
    else:
        roots = [np.sqrt(part + 2) for part in (context, target)]
        expected = [(part - roots[0].mean()) / roots[0].std() for part in roots]
    scaled = found.members[0].scaled(batch)
    np.testing.assert_allclose(scaled.segments[0, :, 0], expected[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(scaled.target[0, :, 0], expected[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(scaled.scale.inverse(scaled.target)[0, :, 0], target, rtol=1e-5)


@each_own
def test_windows_scaled_together_are_those_scaled_alone(scaling: Scaling) -> None:
    found = fitted(scaling, Normal()).fitted_
    windows, member = found.cutoff_windows(found.panel, windows=4), found.members[0]
    parts = member.scaled(windows.gather(torch.arange(8))).split(2)
    for place, part in enumerate(parts):
        alone = member.scaled(windows.gather(torch.arange(2 * place, 2 * place + 2)))
        torch.testing.assert_close(part.segments, alone.segments)
        torch.testing.assert_close(part.scale.inverse(part.target), alone.scale.inverse(alone.target))
    assert place == 3


def test_it_has_parameters_as_all_settings_have() -> None:
    model = forecaster(scaling=PerThousand(unit=10.0))
    assert model.get_params()["scaling__unit"] == 10.0
    again = clone(model)
    assert again.scaling == model.scaling
    assert again.set_params(scaling__unit=20.0).scaling == PerThousand(20.0)
    assert model.scaling == PerThousand(10.0)


def test_counts_take_what_keeps_proportion() -> None:
    model = forecaster(scaling=PerThousand(), output=NegativeBinomial()).fit(DF.dropna())
    paths = model.sample(num_samples=4)["Seq2Seq"]
    assert (paths == paths.round()).all()
    assert (paths >= 0).all()


def test_an_output_that_does_not_admit_it_refuses_it() -> None:
    with pytest.raises(ParameterError, match=r"scaling is SquareRoot\(\), but NegativeBinomial"):
        forecaster(scaling=SquareRoot(), output=NegativeBinomial()).fit(DF)


@pytest.mark.parametrize("scaling", ["square root", "per thousand", "percent"])
def test_a_name_that_is_not_the_librarys_is_refused(scaling: str) -> None:
    with pytest.raises(ParameterError, match=f"scaling is '{scaling}'"):
        forecaster(scaling=scaling).fit(DF)


@pytest.mark.usefixtures("unchecked_types")
def test_a_class_is_no_scaling() -> None:
    with pytest.raises(ParameterError, match="scaling is <class"):
        forecaster(scaling=PerThousand).fit(DF)


def test_values_that_it_cannot_take_are_refused() -> None:
    model = fitted(SquareRoot(least=-2.0), Normal())
    for act in (model.fit, model.predict, model.diagnose):
        with pytest.raises(DataError, match="scaling is 'square root', but a value is -3, below -2"):
            act(DF.assign(y=DF["y"] - 3 - DF["y"].min()))


def test_a_warm_start_goes_on_with_the_same_one_only() -> None:
    model = copy.copy(fitted(PerThousand(500.0), Normal()))
    model.set_params(scaling=PerThousand(500.0)).fit(DF, warm_start=True)
    model.set_params(scaling=None).fit(DF, warm_start=True)
    with pytest.raises(ParameterError, match=r"scaling is PerThousand\(unit=9.0\), but .* PerThousand"):
        model.set_params(scaling=PerThousand(9.0)).fit(DF, warm_start=True)


def test_a_scaling_of_the_library_may_be_given_instead_of_its_name(tmp_path: Path) -> None:
    by_name, itself = (forecaster(scaling=scaling).fit(DF) for scaling in ("window", Window()))
    pd.testing.assert_frame_equal(by_name.predict(), itself.predict(), check_exact=True)
    assert (by_name.scaling_, itself.scaling_) == ("window", Window())
    itself.save(tmp_path / "model")
    assert load(tmp_path / "model").scaling_ == Window()
    itself.set_params(scaling="window").fit(DF, warm_start=True)


def test_a_diagnosis_shows_it() -> None:
    found = forecaster(scaling=PerThousand(100.0)).diagnose(DF)
    assert found.scaling == PerThousand(100.0)
    assert "scaling: PerThousand(unit=100.0)" in str(found)


@pytest.mark.parametrize(
    ("given", "space"),
    [
        ("window", {"scaling": {"window": "window", "own": PerThousand(100.0)}}),
        (PerThousand(500.0), {"scaling__unit": [500.0, 50.0]}),
    ],
    ids=["itself", "its parameter"],
)
def test_it_is_searched(given, space: dict) -> None:
    found = tune(forecaster(scaling=given), DF, space=space, trials=2, progress=False, refit=False)
    assert found.trials["state"].tolist() == ["complete"] * 2
    assert np.isfinite(found.trials["mase"]).all()
    (name,) = space
    assert found.trials[name].nunique() == 2


def test_a_model_is_not_loaded_where_its_scaling_is_not_defined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted(PerThousand(500.0), Normal()).save(tmp_path / "model")
    known = {name: kind for name, kind in Settings.registry.items() if not name.endswith("PerThousand")}
    monkeypatch.setattr(Settings, "registry", known)
    with pytest.raises(ModelFileError, match="PerThousand"):
        load(tmp_path / "model")
