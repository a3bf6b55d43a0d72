"""Coupled noise: its correlation against the one simulated, and what sums of paths gain from it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq import Normal, Seq2SeqForecaster, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.window_index import training_windows
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.forecasting.building import build_series_model
from tsseq2seq.forecasting.coupling import correlation_of_scores, fit_coupling
from tsseq2seq.forecasting.defaults import ResolvedSettings
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.prediction import sample_all
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Binned, NegativeBinomial, Output, Point, Quantiles, StudentT

PHI, SEGMENT = 0.8, 4


def noise_of(length: int, targets: int = 1, phi: float = PHI, shared: float = 0.0) -> np.ndarray:
    """AR(1) noise of unit variance; targets share a part of theirs."""
    rng = np.random.default_rng(5)
    own, common = rng.normal(size=(length, targets)), rng.normal(size=(length, 1))
    shocks = np.sqrt(1 - shared) * own + np.sqrt(shared) * common
    values = np.zeros((length, targets))
    values[0] = shocks[0]
    for step in range(1, length):
        values[step] = phi * values[step - 1] + np.sqrt(1 - phi**2) * shocks[step]
    return values


def correlation_of_noise(steps: int, targets: int = 1, shared: float = 0.0, phi: float = PHI) -> np.ndarray:
    lags = np.abs(np.subtract.outer(np.arange(steps), np.arange(steps)))
    between = np.full((targets, targets), shared) + (1 - shared) * np.eye(targets)
    return np.kron(phi**lags, between)


def panel_of(values: np.ndarray, series: int = 1) -> Panel:
    names = tuple("yzw"[: values.shape[1]])
    parts = [
        pd.DataFrame(part, columns=list(names)).assign(unique_id=place, ds=np.arange(len(part)))
        for place, part in enumerate(np.array_split(values, series))
    ]
    return make_panel(read_long_frame(pd.concat(parts), Columns(targets=names)), Frequency.parse(1))


def model_of(
    panel: Panel,
    shape: WindowShape,
    *,
    output: Output | None = None,
    scaling: str = "none",
    decoding: str = "autoregressive",
) -> SeriesModel:
    """A model that says standard normal of everything, whatever it reads."""
    resolved = ResolvedSettings(
        season_length=None,
        context_length=shape.context_length,
        segment_length=shape.segment_length,
        scaling=scaling,
        output=output or Normal(),
        network=Network(hidden_size=4, residual=None, decoding=decoding),
        training=Training(),
    )
    model = build_series_model(panel, Coders(), resolved, shape.horizon).eval()
    size = resolved.output.size
    with torch.no_grad():
        model.network.decoder.head.linear.weight.zero_()
        bias = model.network.decoder.head.linear.bias
        bias.zero_()
        if isinstance(resolved.output, Normal):
            bias.view(-1, size)[:, 1] = float(np.log(np.expm1(1.0)))
    return model


def fitted(panel: Panel, shape: WindowShape, **options) -> SeriesModel:
    model = model_of(panel, shape, **options)
    fit_coupling(model, training_windows(panel, shape))
    return model


def correlation(model: SeriesModel) -> np.ndarray:
    return (model.coupling @ model.coupling.T).numpy()


@pytest.mark.parametrize("decoding", ["autoregressive", "parallel"])
@pytest.mark.parametrize(("targets", "shared"), [(1, 0.0), (2, 0.5)])
def test_the_correlation_simulated_is_recovered(decoding: str, targets: int, shared: float) -> None:
    shape = WindowShape(8, 8, SEGMENT)
    panel = panel_of(noise_of(6000, targets, shared=shared), series=3)
    model = fitted(panel, shape, decoding=decoding)
    steps = 8 if decoding == "parallel" else SEGMENT
    expected = correlation_of_noise(steps, targets, shared)
    np.testing.assert_allclose(correlation(model), expected, atol=0.06)
    # and is what numpy says of the same windows, but for the prior
    values = panel.original(0)
    rows = np.stack([
        values[start : start + steps].ravel() for start in range(8, len(values) - steps)
    ])  # fmt: skip
    np.testing.assert_allclose(correlation(model), np.corrcoef(rows.T), atol=0.06)


@pytest.mark.parametrize("decoding", ["autoregressive", "parallel"])
@pytest.mark.parametrize("targets", [1, 2])
def test_sums_of_paths_vary_as_the_noise_does(decoding: str, targets: int) -> None:
    """Independent noise would give a segment of AR(1) a third of the variance that its sum has."""
    shape = WindowShape(8, SEGMENT, SEGMENT)
    panel = panel_of(noise_of(6000, targets, shared=0.5), series=3)
    model = fitted(panel, shape, decoding=decoding)
    windows = training_windows(panel, shape)
    few = dataclasses.replace(panel, values=panel.values)  # the panel itself; one window is enough
    one = training_windows(few, shape)
    one.total = 1
    paths = sample_all([model], one, paths=6000, seed=0)[0]
    assert paths.shape == (6000, SEGMENT, targets)
    batch = windows.gather(torch.arange(0, len(windows), 3))
    truth = (batch.origin[:, None] + batch.unit[:, None] * batch.target.double()).numpy()
    for name, of in {
        "step": lambda values: values[:, 0, 0],
        "segment": lambda values: values[:, :, 0].sum(1),
        "all": lambda values: values.sum((1, 2)),
    }.items():
        assert of(paths).var() == pytest.approx(of(truth).var(), rel=0.12), name
    expected = np.ones(SEGMENT) @ correlation_of_noise(SEGMENT) @ np.ones(SEGMENT)
    assert paths[:, :, 0].sum(1).var() == pytest.approx(expected, rel=0.1)
    assert expected > 2 * SEGMENT, "which independent noise would fall far short of"


def test_noise_of_different_segments_is_independent_given_what_is_fed_back() -> None:
    """The network does not listen here, so segments of a path have nothing in common."""
    shape = WindowShape(8, 3 * SEGMENT, SEGMENT)
    panel = panel_of(noise_of(3000))
    model = fitted(panel, shape)
    windows = training_windows(panel, shape)
    windows.total = 1
    paths = sample_all([model], windows, paths=5000, seed=0)[0, :, :, 0]
    found = np.corrcoef(paths.T)
    for first in range(3):
        for second in range(3):
            block = found[4 * first : 4 * first + 4, 4 * second : 4 * second + 4]
            expected = correlation(model) if first == second else np.zeros((4, 4))
            np.testing.assert_allclose(block, expected, atol=0.07)


@pytest.mark.parametrize("decoding", ["autoregressive", "parallel"])
def test_a_horizon_that_ends_within_a_segment_couples_what_is_known(decoding: str) -> None:
    shape = WindowShape(8, 6, SEGMENT)
    panel = panel_of(noise_of(5000))
    model = fitted(panel, shape, decoding=decoding)
    found = correlation(model)
    if decoding == "autoregressive":
        np.testing.assert_allclose(found, correlation_of_noise(4), atol=0.07)
    else:
        np.testing.assert_allclose(found[:6, :6], correlation_of_noise(6), atol=0.07)
        np.testing.assert_allclose(found[6:], np.eye(8)[6:], atol=1e-6)
    windows = training_windows(panel, shape)
    windows.total = 1
    assert sample_all([model], windows, paths=3, seed=0).shape == (1, 3, 6, 1)


def test_a_shorter_horizon_uses_the_leading_part() -> None:
    """Of a Cholesky factor the leading block is the factor of the leading correlation."""
    shape = WindowShape(8, 8, SEGMENT)
    panel = panel_of(noise_of(4000))
    model = fitted(panel, shape, decoding="parallel")
    short = training_windows(panel, WindowShape(8, 4, SEGMENT))
    short.total = 1
    paths = sample_all([model], short, paths=5000, seed=0)[0, :, :, 0]
    np.testing.assert_allclose(np.corrcoef(paths.T), correlation(model)[:4, :4], atol=0.06)


@pytest.mark.parametrize("output", [NegativeBinomial(), Point(), Quantiles()], ids=repr)
def test_nothing_is_done_for_outputs_that_are_not_coupled(output: Output) -> None:
    panel = panel_of(np.random.default_rng(0).poisson(5.0, size=(100, 1)).astype(float))
    shape = WindowShape(8, 8, SEGMENT)
    model = model_of(panel, shape, output=output, scaling=output.default_scaling)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    fit_coupling(model, training_windows(panel, shape))
    assert model.coupling.shape == (0, 0)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_single_values_have_nothing_to_be_coupled_with() -> None:
    panel = panel_of(noise_of(100))
    model = fitted(panel, WindowShape(8, 3))
    assert model.coupling.tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("output", "tolerance"),
    [(StudentT(), 0.12), (Binned(bins=40, edges=tuple(np.linspace(-4, 4, 41).tolist())), 0.2)],
    ids=["StudentT", "Binned"],
)
def test_other_outputs_are_coupled_too(output: Output, tolerance: float) -> None:
    """Their margins do not fit here, which scores that rise with the values forgive to an extent."""
    decoding, segment = ("parallel", 1) if output.single_values else ("autoregressive", SEGMENT)
    panel = panel_of(noise_of(4000))
    model = fitted(panel, WindowShape(8, SEGMENT, segment), output=output, decoding=decoding)
    np.testing.assert_allclose(correlation(model), correlation_of_noise(SEGMENT), atol=tolerance)


def test_training_couples_what_the_network_could_not_foresee() -> None:
    """After a segment of AR(1) noise the next one's errors add up shocks: their correlation is known."""
    rng = np.random.default_rng(1)
    season = 5 * np.sin(2 * np.pi * np.arange(1500) / SEGMENT)
    df = pd.DataFrame(
        {"ds": np.arange(1500), "y": season + noise_of(1500)[:, 0] + 0.01 * rng.normal(size=1500)}
    )
    model = Seq2SeqForecaster(
        8,
        context_length=8,
        segment_length=SEGMENT,
        output=Normal(),
        network=Network(hidden_size=16),
        training=Training(max_steps=400, learning_rate=0.01, progress=False, precision="float32"),
    ).fit(df)
    (member,) = model.fitted_.members
    # x(k) given x(0) is Σ φ^(k−i) ε(i)
    loads = np.tril(PHI ** np.abs(np.subtract.outer(np.arange(SEGMENT), np.arange(SEGMENT))))
    covariance = loads @ loads.T
    deviation = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(correlation(member), covariance / np.outer(deviation, deviation), atol=0.12)


class TestCorrelationOfScores:
    """The matrix itself: a correlation, always positive definite, with a prior of none."""

    @settings(max_examples=60)
    @given(
        st.integers(0, 30),
        st.integers(1, 12),
        st.sampled_from(["noise", "one factor", "constant", "zeros", "huge"]),
        st.floats(0, 1),
        st.integers(0, 10**6),
    )
    def test_it_is_a_correlation_that_can_be_factored(
        self, rows: int, width: int, kind: str, share: float, seed: int
    ) -> None:
        rng = np.random.default_rng(seed)
        scores = {
            "noise": rng.normal(size=(rows, width)),
            "one factor": np.repeat(rng.normal(size=(rows, 1)), width, axis=1),
            "constant": np.full((rows, width), 3.0),
            "zeros": np.zeros((rows, width)),
            "huge": 1e30 * rng.normal(size=(rows, width)),
        }[kind]
        valid = rng.random((rows, width)) < share
        found = correlation_of_scores(torch.from_numpy(scores).float(), torch.from_numpy(valid))
        assert found.shape == (width, width)
        np.testing.assert_allclose(found.diagonal(), 1.0, atol=1e-6)
        np.testing.assert_allclose(found, found.T, atol=1e-6)
        assert (found.abs() <= 1 + 1e-6).all()
        assert np.linalg.eigvalsh(found.double().numpy()).min() > 0
        assert torch.linalg.cholesky(found.double()).float().isfinite().all()

    def test_it_equals_numpys_with_as_many_windows_of_no_correlation(self) -> None:
        scores = torch.randn(200, 5) @ torch.randn(5, 5) * 0.5
        found = correlation_of_scores(scores, torch.ones(200, 5, dtype=torch.bool))
        plain = np.corrcoef(scores.clamp(-4, 4).double().numpy().T)
        np.testing.assert_allclose(found, (200 * plain + 7 * np.eye(5)) / 207, atol=1e-5)

    def test_rows_with_a_gap_and_columns_never_known_are_left_out(self) -> None:
        scores = torch.randn(300, 1).expand(300, 3).clone()
        valid = torch.ones(300, 3, dtype=torch.bool)
        valid[:, 2] = False
        valid[:150, 1] = False
        scores[~valid] = 1e6
        found = correlation_of_scores(scores, valid)
        assert found[0, 1] > 0.95
        np.testing.assert_allclose(found[2], [0, 0, 1], atol=1e-6)

    def test_without_windows_nothing_is_correlated(self) -> None:
        scores = torch.randn(1, 3)
        for rows in (0, 1):
            found = correlation_of_scores(scores[:rows], torch.ones(rows, 3, dtype=torch.bool))
            assert torch.equal(found, torch.eye(3))

    def test_a_few_outliers_do_not_decide(self) -> None:
        scores = torch.randn(500, 2)
        scores[:2] = 1e6
        assert correlation_of_scores(scores, torch.ones(500, 2, dtype=torch.bool))[0, 1] < 0.25
