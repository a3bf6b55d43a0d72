"""Several members are one model: medians and shares by hand, seeds, time, and the disk."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from tsseq2seq import Network, Normal, Quantiles, Seq2SeqForecaster, Training, load
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.prediction import forecast_all, point_and_spreads, quantiles_all, sample_all
from tsseq2seq.nn.outputs import Output

HORIZON = 3


def frame(ids=("a", "b"), length: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": np.arange(length), "y": rng.normal(size=length).cumsum()})
        for name in ids
    ]
    return pd.concat(parts, ignore_index=True)


DF = frame()


def fitted(members: int, output: Output | None = None, **settings) -> Seq2SeqForecaster:
    training = {"max_steps": 3, "progress": False, "precision": "float32"} | settings.pop("training", {})
    model = Seq2SeqForecaster(
        HORIZON,
        network=Network(hidden_size=4),
        training=Training(members=members, **training),
        **({} if output is None else {"output": output}),
        **settings,
    )
    return model.fit(DF)


@pytest.fixture(scope="module", params=[2, 3])
def ensemble(request) -> Seq2SeqForecaster:
    return fitted(request.param, Quantiles([0.1, 0.5, 0.9]))


def weights(member: SeriesModel) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in member.parameters()])


def test_the_forecast_is_the_median_of_each_members(ensemble: Seq2SeqForecaster) -> None:
    windows = ensemble.fitted_.forecast_windows(ensemble.fitted_.panel, None, HORIZON)
    output = ensemble.output_

    def read(parameters: Tensor) -> list[Tensor]:
        return [output.point(parameters), *output.quantiles(parameters).values()]

    each = [forecast_all([member], windows, read) for member in ensemble.fitted_.members]
    together = forecast_all(ensemble.fitted_.members, windows, read)
    np.testing.assert_allclose(together, np.median(each, axis=0), rtol=1e-12)
    assert np.ptp(each, axis=0).min() > 0, "members differ"
    columns = ["Seq2Seq", "Seq2Seq-lo-80", "Seq2Seq-hi-80"]
    found = ensemble.predict()[columns].to_numpy().reshape(2, HORIZON, 3)
    np.testing.assert_allclose(found, together[:, :, 0, [0, 1, 3]], rtol=1e-12)
    assert (found[..., 1] <= found[..., 0]).all()
    assert (found[..., 0] <= found[..., 2]).all()


def test_quantiles_and_reach_are_read_from_the_same_medians(ensemble: Seq2SeqForecaster) -> None:
    windows = ensemble.fitted_.forecast_windows(ensemble.fitted_.panel, None, HORIZON)
    point, low, high = np.moveaxis(
        quantiles_all(ensemble.fitted_.members, windows, [0.1, 0.9], paths=1, seed=0), -1, 0
    )
    centre, below, above = point_and_spreads(ensemble.fitted_.members, windows, paths=1, seed=0)
    np.testing.assert_array_equal(centre, point)
    np.testing.assert_allclose(centre - below, low)
    np.testing.assert_allclose(centre + above, high)


def test_of_a_point_forecast_the_reach_is_one_unit_of_the_window() -> None:
    model = fitted(1, context_length=10, segment_length=1)
    windows = model.fitted_.forecast_windows(model.fitted_.panel, None, HORIZON)
    _, below, above = point_and_spreads(model.fitted_.members, windows, paths=1, seed=0)
    for place, name in enumerate("ab"):
        deviation = DF[DF["unique_id"] == name]["y"].iloc[-10:].std(ddof=0)
        np.testing.assert_allclose(below[place], deviation, rtol=1e-5)
        np.testing.assert_allclose(above[place], deviation, rtol=1e-5)


def test_of_a_distribution_the_reach_is_a_standard_deviation_of_paths() -> None:
    model = fitted(1, Normal())
    windows = model.fitted_.forecast_windows(model.fitted_.panel, None, HORIZON)
    centre, below, above = point_and_spreads(model.fitted_.members, windows, paths=400, seed=1)
    paths = sample_all(model.fitted_.members, windows, paths=400, seed=1)
    np.testing.assert_allclose(centre, np.median(paths, axis=1))
    deviation = paths.std(axis=1)
    np.testing.assert_allclose(below, deviation, rtol=0.25)
    np.testing.assert_allclose(above, deviation, rtol=0.25)


def test_members_differ_in_weights_and_windows_and_the_first_is_the_single_one() -> None:
    three, one = fitted(3), fitted(1)
    flat = [weights(member) for member in three.fitted_.members]
    assert torch.equal(flat[0], weights(one.fitted_.members[0]))
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert (flat[first] - flat[second]).abs().max() > 1e-3
    losses = three.history_.pivot_table(index="step", columns="member", values="loss")
    assert losses.nunique(axis=1).eq(3).all()


@pytest.mark.parametrize("seed", [0, 2**63 - 1, None])
def test_any_seed_will_do_for_several_members(seed: int | None) -> None:
    torch.manual_seed(0)
    one = fitted(2, seed=seed)
    torch.manual_seed(0)
    pd.testing.assert_frame_equal(fitted(2, seed=seed).predict(), one.predict(), check_exact=True)
    first, second = (weights(member) for member in one.fitted_.members)
    assert not torch.equal(first, second)


def test_history_tells_members_apart_where_there_are_several() -> None:
    assert fitted(3).history_.groupby("member")["step"].max().to_dict() == {0: 3, 1: 3, 2: 3}
    assert "member" not in fitted(1).history_


@pytest.mark.parametrize(("members", "paths"), [(1, 7), (2, 5), (3, 7), (3, 2), (3, 300)])
def test_paths_come_from_each_in_turn(members: int, paths: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each member says its own number, so that its paths can be counted."""
    model = fitted(members, Normal())
    windows = model.fitted_.forecast_windows(model.fitted_.panel, None, HORIZON)
    for place, member in enumerate(model.fitted_.members):

        def drawn(batch, *, horizon, paths, streams, place=place) -> Tensor:
            return torch.full((len(batch.series), paths, horizon, 1), float(place), dtype=torch.float64)

        monkeypatch.setattr(member, "sample_paths", drawn)
    found = sample_all(model.fitted_.members, windows, paths=paths, seed=0)
    assert found.shape == (2, paths, HORIZON, 1)
    shares = [int((found[0, :, 0, 0] == place).sum()) for place in range(members)]
    assert sum(shares) == paths
    assert max(shares) - min(shares) <= 1
    assert shares == sorted(shares, reverse=True)


def test_intervals_of_several_members_are_quantiles_of_all_their_paths() -> None:
    model = fitted(2, Normal())
    windows = model.fitted_.forecast_windows(model.fitted_.panel, None, HORIZON)
    paths = sample_all(model.fitted_.members, windows, paths=51, seed=0)
    found = model.predict(levels=[80], num_samples=51)
    for column, level in (("Seq2Seq-lo-80", 0.1), ("Seq2Seq-hi-80", 0.9), ("Seq2Seq", 0.5)):
        np.testing.assert_allclose(found[column], np.quantile(paths, level, axis=1).ravel(), rtol=1e-9)


def test_members_share_the_time() -> None:
    begun = time.monotonic()
    model = fitted(3, training={"max_steps": None, "max_time": 1.5})
    assert time.monotonic() - begun < 2.5
    seconds = model.history_.groupby("member")["seconds"].max()
    assert len(seconds) == 3
    assert seconds.max() < 1.0, "none takes the others' half second"
    assert model.n_steps_ >= 1
    assert model.history_.groupby("member")["step"].max().min() == model.n_steps_, "the fewest made"


def test_an_interrupt_leaves_the_members_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    healthy = SeriesModel.forward

    def interrupted(self, batch, **options) -> Tensor:
        calls.append(1)
        if len(calls) == 5:  # in the second member, after one step
            raise KeyboardInterrupt
        return healthy(self, batch, **options)

    monkeypatch.setattr(SeriesModel, "forward", interrupted)
    model = fitted(3)
    assert model.stopped_ == "interrupt"
    assert len(model.fitted_.members) == 2
    assert np.isfinite(model.predict()["Seq2Seq"]).all()


@pytest.mark.parametrize("output", [Quantiles(), Normal()], ids=repr)
def test_they_are_saved_and_loaded_as_one_model(output: Output, tmp_path: Path) -> None:
    model = fitted(3, output)
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert len(loaded.fitted_.members) == 3
    for one, other in zip(loaded.fitted_.members, model.fitted_.members, strict=True):
        assert one.state_dict().keys() == other.state_dict().keys()
        assert all(torch.equal(one.state_dict()[k], other.state_dict()[k]) for k in one.state_dict())
        assert not one.training
    pd.testing.assert_frame_equal(loaded.predict(), model.predict(), check_exact=True)
    pd.testing.assert_frame_equal(loaded.history_, model.history_)
    if output.sampled:
        pd.testing.assert_frame_equal(loaded.sample(num_samples=4), model.sample(num_samples=4))
