"""Scaling against numpy, scipy, scikit-learn and pandas, and back to where it came from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import torch
from sklearn.preprocessing import RobustScaler, StandardScaler

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.window_index import forecast_windows
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.scaling import SCALINGS, check_scaling, fit_scale, scale_context
from tsseq2seq.errors import DataError

SINE = np.sin(np.arange(24.0))


def panel_of(values, ids=None) -> Panel:
    df = pd.DataFrame({"ds": np.arange(len(values)), "y": np.asarray(values, dtype=float)})
    if ids is not None:
        df["unique_id"] = ids
    return make_panel(read_long_frame(df, Columns()), Frequency.parse(1))


def batch_of(values, context_length: int | None = None) -> Batch:
    """The forecast window of one series."""
    shape = WindowShape(context_length or len(values), 2)
    return forecast_windows(panel_of(values), shape, moments=True)[0]


def scaled(batch: Batch, scaling: str) -> np.ndarray:
    """The observed context on the network's scale."""
    numbers = fit_scale(batch, scaling).transform(batch.context)
    return numbers[batch.context_mask].numpy()


RNG = np.random.default_rng(0)
WITH_GAPS = np.where(RNG.random(60) < 0.2, np.nan, RNG.gamma(2.0, 3.0, size=60))
SERIES = {
    "noise": RNG.normal(5, 3, size=50),
    "gaps": WITH_GAPS,
    "level": 1e8 + np.arange(40.0),
    "large": (SINE + 2) * 1e30,
    "small": (SINE + 2) * 1e-30,
    "outlier": np.r_[SINE, 1e6, SINE],
}


@pytest.mark.parametrize("values", SERIES.values(), ids=SERIES.keys())
def test_window_equals_scikit_learn(values: np.ndarray) -> None:
    seen = values[~np.isnan(values)].astype(np.longdouble)
    expected = ((seen - seen.mean()) / seen.std()).astype(float)
    np.testing.assert_allclose(scaled(batch_of(values), "window"), expected, atol=2e-5)
    if seen.std() > 1e-10:  # scikit-learn takes less for a constant
        by_sklearn = StandardScaler().fit_transform(values[:, None])[~np.isnan(values), 0]
        np.testing.assert_allclose(scaled(batch_of(values), "window"), by_sklearn, atol=2e-5)


@pytest.mark.parametrize("values", SERIES.values(), ids=SERIES.keys())
def test_robust_equals_scikit_learn_and_scipy(values: np.ndarray) -> None:
    seen = values[~np.isnan(values)]
    by_scipy = (seen - np.median(seen)) / scipy.stats.iqr(seen, scale="normal")
    np.testing.assert_allclose(scaled(batch_of(values), "robust"), by_scipy, rtol=2e-5, atol=2e-5)
    if seen.std() > 1e-10:  # scikit-learn takes less for a constant
        by_sklearn = RobustScaler(unit_variance=True).fit_transform(seen[:, None])[:, 0]
        np.testing.assert_allclose(scaled(batch_of(values), "robust"), by_sklearn, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", ["noise", "gaps", "outlier"])
def test_log1p_equals_numpy(name: str) -> None:
    values = np.abs(SERIES[name])
    logarithms = np.log1p(values[~np.isnan(values)])
    expected = (logarithms - logarithms.mean()) / logarithms.std()
    np.testing.assert_allclose(scaled(batch_of(values), "log1p"), expected, atol=2e-5)


@pytest.mark.parametrize("context_length", [5, 40])
@pytest.mark.parametrize("name", ["noise", "gaps", "level", "large", "small"])
def test_series_equals_expanding_pandas(name: str, context_length: int) -> None:
    values = pd.Series(SERIES[name])
    mean, deviation = values.expanding().mean().iloc[-1], values.expanding().std(ddof=0).iloc[-1]
    recent = values.iloc[-context_length:].dropna()
    batch = batch_of(values.to_numpy(), context_length)
    np.testing.assert_allclose(scaled(batch, "series"), (recent - mean) / deviation, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("context_length", [5, 40])
@pytest.mark.parametrize("name", ["noise", "gaps", "level", "large", "small"])
def test_last_equals_pandas(name: str, context_length: int) -> None:
    values = pd.Series(SERIES[name])
    deviation = values.expanding().std(ddof=0).iloc[-1]
    recent = values.iloc[-context_length:].dropna()
    batch = batch_of(values.to_numpy(), context_length)
    expected = (recent - recent.iloc[-1]) / deviation
    np.testing.assert_allclose(scaled(batch, "last"), expected, rtol=2e-5, atol=2e-5)
    assert scaled(batch, "last")[-1] == 0


def test_the_last_value_may_be_the_only_one_and_stand_first() -> None:
    batch = batch_of([5.0, 3.0, 4.0, np.nan, np.nan], 3)
    assert batch.context_mask.flatten().tolist() == [True, False, False]
    scale = fit_scale(batch, "last")
    assert scale.inverse(torch.zeros(1, 1, 1)).item() == pytest.approx(4.0)


@pytest.mark.parametrize("scaling", ["series", "last"])
def test_scaling_by_the_history_needs_the_moments(scaling: str) -> None:
    batch = forecast_windows(panel_of(SINE), WindowShape(4, 2))[0]
    with pytest.raises(ValueError, match="moments=True"):
        fit_scale(batch, scaling)


@pytest.mark.parametrize("values", [SINE, 5 + SINE, 1e5 + SINE], ids=["zero", "five", "1e5"])
def test_none_gives_original_values(values: np.ndarray) -> None:
    np.testing.assert_allclose(scaled(batch_of(values), "none"), values, rtol=1e-6, atol=1e-6)


def test_targets_are_scaled_each_by_its_own_context() -> None:
    df = pd.DataFrame({"ds": np.arange(24), "a": SINE, "b": 1e8 + 5 * np.arange(24.0)})
    panel = make_panel(read_long_frame(df, Columns(targets=("a", "b"))), Frequency.parse(1))
    batch = forecast_windows(panel, WindowShape(24, 2), moments=True)[0]
    for scaling in ("window", "robust", "series"):
        numbers = fit_scale(batch, scaling).transform(batch.context)[0].numpy()
        for place, name in enumerate("ab"):
            alone = batch_of(df[name].to_numpy())
            np.testing.assert_allclose(numbers[:, place], scaled(alone, scaling), atol=1e-6)


@pytest.mark.parametrize("scaling", ["window", "robust", "series", "last"])
def test_shift_and_stretch_change_nothing(scaling: str) -> None:
    values = SERIES["noise"]
    one, other = (scaled(batch_of(v, 20), scaling) for v in (values, 1000 * values + 5000))
    np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_what_is_not_observed_touches_no_statistic(scaling: str) -> None:
    batch = batch_of(np.abs(WITH_GAPS), 20)
    clean = fit_scale(batch, scaling)
    poisoned = Batch(
        **{
            **vars(batch),
            "target": torch.full_like(batch.target, torch.nan),
            "target_mask": ~batch.target_mask,
        }
    )
    for name in ("location", "spread", "flat"):
        assert torch.equal(getattr(fit_scale(poisoned, scaling), name), getattr(clean, name))
    context = batch.context.masked_fill(~batch.context_mask, 1e9)
    masked = Batch(**{**vars(batch), "context": context})
    for name in ("location", "spread", "flat"):
        assert torch.equal(getattr(fit_scale(masked, scaling), name), getattr(clean, name))
    if scaling == "log1p":
        assert torch.equal(fit_scale(masked, scaling).logarithm.lowest, clean.logarithm.lowest)


@pytest.mark.parametrize("scaling", ["window", "series", "last", "robust", "log1p"])
@pytest.mark.parametrize("level", [0.0, 3.3, 1e8 + 1, 1e30, 1e-30])
def test_a_flat_context_is_zeros_and_comes_back_as_its_level(scaling: str, level: float) -> None:
    batch = batch_of(np.full(9, level))
    scale = fit_scale(batch, scaling)
    assert scale.flat.all()
    assert not scale.transform(batch.context).any()
    wild = torch.tensor([[[1e9], [-1e9], [float("nan")], [float("inf")]]])
    assert scale.inverse(wild).flatten().tolist() == [level] * 4


def test_a_flat_context_within_a_series_that_varies() -> None:
    scale = fit_scale(batch_of(np.r_[SINE, np.full(6, 7.7)], 6), "window")
    assert scale.flat.all()
    assert scale.inverse(torch.ones(1, 2, 1)).flatten().tolist() == pytest.approx([7.7, 7.7], rel=1e-6)


def test_robust_falls_back_on_the_deviation_where_most_values_are_equal() -> None:
    values = np.r_[np.zeros(20), 5.0]
    np.testing.assert_allclose(scaled(batch_of(values), "robust"), values / values.std(), rtol=1e-5)


def test_robust_falls_back_on_the_deviation_where_most_values_are_all_but_equal() -> None:
    """Divided by an interquartile range of 1e-64, the others would be infinite."""
    values = np.r_[0.0, 0.0, 0.0, 0.0, 0.0, 1e-270, -1.0, -1.0, -1.5e-64]
    expected = values / values.std()
    np.testing.assert_allclose(scaled(batch_of(values), "robust"), expected, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_of_a_series_never_observed_nothing_is_known(scaling: str) -> None:
    batch = batch_of(np.full(9, np.nan))
    scale = fit_scale(batch, scaling)
    assert scale.transform(batch.context).isfinite().all(), "what enters the network is a number"
    if scaling != "none":
        assert scale.inverse(torch.ones(1, 2, 1)).isnan().all()


@pytest.mark.parametrize("scaling", ["window", "series", "last", "robust", "log1p"])
def test_a_context_without_an_observation_comes_back_as_the_last_value_before(scaling: str) -> None:
    batch = batch_of(np.r_[5.0, 9.0, 7.0, np.full(6, np.nan)], 4)
    scale = fit_scale(batch, scaling)
    assert not scale.transform(batch.context).any()
    assert scale.inverse(torch.ones(1, 2, 1)).flatten().tolist() == pytest.approx([7.0, 7.0], rel=1e-6)


def test_rows_do_not_know_of_each_other() -> None:
    values = np.r_[SINE, 1e8 + np.arange(24), np.full(24, 2.0)]
    panel = make_panel(
        read_long_frame(
            pd.DataFrame(
                {"unique_id": np.repeat(list("abc"), 24), "ds": np.tile(np.arange(24), 3), "y": values}
            ),
            Columns(),
        ),
        Frequency.parse(1),
    )
    windows = forecast_windows(panel, WindowShape(12, 2), moments=True)
    batch = windows.gather(torch.arange(3))
    for scaling in SCALINGS:
        together = fit_scale(batch, scaling)
        for row in range(3):
            alone = fit_scale(windows[row], scaling)
            assert torch.equal(alone.location[0], together.location[row])
            assert torch.equal(alone.spread[0], together.spread[row])
            if scaling == "log1p":
                assert torch.equal(alone.logarithm.lowest[0], together.logarithm.lowest[row])


@pytest.mark.parametrize("first", [12.34, 0.1, 50.63, 1 / 3, 1e5 / 7, 3e7 + 3, 1e30])
def test_a_zero_among_logarithms_is_a_zero(first: float) -> None:
    """The panel knows a value to what float32 loses of its distance from the first one."""
    panel = panel_of([first, 0.0, 2 * first, 0.0])
    check_scaling(panel, "log1p")
    batch = batch_of([first, 0.0, 2 * first, 0.0])
    scale = fit_scale(batch, "log1p")
    numbers = scale.transform(batch.context)
    assert not scale.flat.any()
    assert numbers.isfinite().all()
    back = scale.inverse(numbers).flatten().tolist()
    assert back == pytest.approx([first, 0.0, 2 * first, 0.0], rel=1e-4, abs=1e-6)
    expected = np.log1p([first, 0.0, 2 * first, 0.0])
    expected = (expected - expected.mean()) / expected.std()
    np.testing.assert_allclose(numbers.flatten(), expected, atol=1e-4)


def test_no_logarithm_is_so_large_that_its_exponential_is_infinite() -> None:
    scale = fit_scale(batch_of([1.0, 1e6, 0.0, 1e6]), "log1p")
    assert scale.inverse(torch.tensor([[[1e4], [1e30], [-1e30]]])).isfinite().all()


def test_the_origin_is_added_in_float64() -> None:
    values = 1e8 + np.arange(9.0)
    batch = batch_of(values)
    for scaling in ("window", "series", "robust"):
        scale = fit_scale(batch, scaling)
        back = scale.inverse(scale.transform(batch.context)).flatten()
        assert back.dtype == torch.float64
        np.testing.assert_allclose(back - 1e8, np.arange(9), atol=1e-5)


def test_large_numbers_in_panel_units_have_a_finite_spread() -> None:
    """A first change of rounding noise makes all later numbers huge; their squares must not overflow."""
    values = np.r_[0.3, 0.1 + 0.2, 1000 * SINE]
    batch = batch_of(values)
    for scaling in ("window", "robust", "series"):
        scale = fit_scale(batch, scaling)
        assert scale.spread.isfinite().all(), scaling
        np.testing.assert_allclose(
            scale.inverse(scale.transform(batch.context)).flatten(), values, atol=1e-2, err_msg=scaling
        )


class TestMean:
    """Divided by the mean size of the context, never centred: what counts need."""

    @pytest.mark.parametrize(
        "values",
        [SERIES["noise"], WITH_GAPS, 1e8 + np.arange(40.0), -5 + SINE, (SINE + 2) * 1e30, (SINE + 2) * 1e-30],
        ids=["noise", "gaps", "level", "negative", "large", "small"],
    )
    def test_it_equals_numpy(self, values: np.ndarray) -> None:
        seen = values[~np.isnan(values)]
        batch = batch_of(values)
        np.testing.assert_allclose(scaled(batch, "mean"), seen / np.abs(seen).mean(), rtol=2e-6, atol=2e-6)
        scale = fit_scale(batch, "mean")
        back = scale.inverse(scale.transform(batch.context))[batch.context_mask]
        np.testing.assert_allclose(back, seen, rtol=1e-6, atol=1e-6 * np.abs(seen).max())
        assert scale.original_unit.item() == pytest.approx(np.abs(seen).mean(), rel=1e-6)

    def test_only_the_context_counts(self) -> None:
        values = np.r_[np.full(30, 1000.0), 1.0, 2.0, 3.0]
        np.testing.assert_allclose(scaled(batch_of(values, 3), "mean"), [0.5, 1.0, 1.5], rtol=1e-6)

    def test_zeros_stay_zeros(self) -> None:
        values = np.array([7.0, 0.0, 3.0, 0.0, 0.0, 12.0])
        numbers = scaled(batch_of(values), "mean")
        assert (numbers[values == 0] == 0.0).all()
        assert (numbers[values > 0] > 0.0).all()

    @pytest.mark.parametrize("older", [[], [5.0, 9.0]], ids=["never another", "others before"])
    def test_a_context_of_zeros_is_no_flat_one_and_has_the_size_1(self, older: list[float]) -> None:
        """A rare event may come: what the network says must not be replaced by the level."""
        scale = fit_scale(batch_of(np.r_[older, np.zeros(6)], 6), "mean")
        assert not scale.flat.any()
        assert scale.original_unit.item() == 1.0
        assert scale.inverse(torch.tensor([[[0.0], [2.5]]])).flatten().tolist() == [0.0, 2.5]

    def test_a_constant_is_a_level_like_any_other(self) -> None:
        scale = fit_scale(batch_of(np.full(9, 4.0)), "mean")
        assert not scale.flat.any()
        assert scale.inverse(torch.tensor([[[1.0], [1.5]]])).flatten().tolist() == [4.0, 6.0]

    def test_what_was_not_observed_comes_back_as_nothing_whatever_came_before(self) -> None:
        scale = fit_scale(batch_of(np.full(9, np.nan)), "mean")
        assert scale.flat.all()
        assert scale.inverse(torch.ones(1, 2, 1)).isnan().all()
        scale = fit_scale(batch_of(np.r_[5.0, 7.0, np.full(6, np.nan)], 4), "mean")
        assert scale.inverse(torch.ones(1, 2, 1)).flatten().tolist() == pytest.approx([7.0, 7.0])

    def test_a_stretch_changes_nothing_and_a_shift_does(self) -> None:
        values = np.abs(SERIES["noise"]) + 1
        plain, stretched, shifted = (
            scaled(batch_of(v), "mean") for v in (values, 1000 * values, values + 5000)
        )
        np.testing.assert_allclose(stretched, plain, rtol=2e-6)
        np.testing.assert_allclose(shifted, (values + 5000) / (values + 5000).mean(), rtol=2e-6)
        assert np.abs(shifted - plain).max() > 0.1

    def test_the_order_of_the_context_does_not_matter(self) -> None:
        values = np.abs(SERIES["noise"])
        order = np.random.default_rng(1).permutation(len(values))
        one, other = (fit_scale(batch_of(v), "mean").original_unit for v in (values, values[order]))
        torch.testing.assert_close(one, other)

    def test_counts_come_back_as_whole_numbers(self) -> None:
        counts = np.random.default_rng(0).poisson(300_000, size=60).astype(float)
        batch = batch_of(counts)
        scale = fit_scale(batch, "mean")
        back = scale.inverse(scale.transform(batch.context)).round().flatten()
        np.testing.assert_array_equal(back, counts)


@pytest.mark.parametrize("scaling", [scaling for scaling in SCALINGS if scaling != "log1p"])
def test_the_original_unit_is_what_a_step_of_1_comes_to(scaling: str) -> None:
    scale = fit_scale(batch_of(SERIES["noise"]), scaling)
    zero, one = scale.inverse(torch.tensor([[[0.0], [1.0]]])).flatten().tolist()
    assert scale.original_unit.item() == pytest.approx(one - zero, rel=1e-5)


class TestCounts:
    """An output for counts refuses what is none, and names the first."""

    @pytest.mark.parametrize("value", [-1.0, 0.5, 1e6 + 0.25])
    def test_what_is_no_count_is_refused(self, value: float) -> None:
        panel = panel_of([1.0, 2.0, 3.0, value], ["a", "a", "b", "b"])
        message = rf"the output is for counts, but series 'b' is {value:g} at 3; .*whole numbers from 0 on"
        with pytest.raises(DataError, match=message.replace("+", r"\+")):
            check_scaling(panel, "mean", counts=True)

    @pytest.mark.parametrize("values", [[0.0, 3.0, np.nan, 1e6], np.arange(50.0) ** 3, [np.nan, np.nan]])
    def test_counts_are_admitted_and_gaps(self, values) -> None:
        check_scaling(panel_of(values), "mean", counts=True)

    def test_other_outputs_take_any_number(self) -> None:
        check_scaling(panel_of([-0.5, 1.5]), "mean")


class TestLog1p:
    """log(1 + y) needs values above −1; the refusal says which is not."""

    @pytest.mark.parametrize("value", [-1.0, -1.5, -1e30])
    def test_values_that_have_no_logarithm_are_refused(self, value: float) -> None:
        panel = panel_of([1.0, 2.0, 3.0, value], ["a", "a", "b", "b"])
        message = rf"scaling is 'log1p', but series 'b' is {value:g} at 3; all values must be above -1"
        with pytest.raises(DataError, match=message.replace("+", r"\+")):
            check_scaling(panel, "log1p")

    def test_values_just_above_are_admitted(self) -> None:
        check_scaling(panel_of([-0.99, 0.0, np.nan, 1e30]), "log1p")

    @pytest.mark.parametrize("scaling", ["window", "series", "robust", "mean", "none"])
    def test_other_scalings_take_any_value(self, scaling: str) -> None:
        check_scaling(panel_of([-5.0, 1.0]), scaling)


@pytest.mark.parametrize("context", [[1e30, 1.0, -1 + 1e-12, 1e30], [-1 + 1e-12] * 4], ids=["varies", "flat"])
def test_what_no_float_holds_is_a_finite_logarithm(context: list[float]) -> None:
    """1e30 is 1e42 times as large as 1 + the lowest value."""
    batch = batch_of([1e30, *context], 4)
    far = ((1e30 - batch.origin) / batch.unit).float()[:, None]
    scale = fit_scale(batch, "log1p")
    assert scale.transform(batch.context).isfinite().all()
    assert scale.transform(far).isfinite().all()
    if scale.flat.all():
        assert (scale.transform(far) == 0).all()


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize(
    "values", [SINE + 2, np.full(24, 7.7), np.r_[np.nan, SINE[1:] + 2]], ids=["varies", "flat", "gap"]
)
def test_a_context_is_scaled_as_any_numbers_are(values: np.ndarray, scaling: str) -> None:
    batch = batch_of(values)
    scale, context = scale_context(batch, scaling)
    alone = fit_scale(batch, scaling)
    assert torch.equal(context, alone.transform(batch.context))
    assert torch.equal(context, scale.transform(batch.context))
