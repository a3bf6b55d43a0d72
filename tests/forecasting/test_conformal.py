"""Split-conformal intervals: the guarantee itself, and a brute-force search over candidate truths."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError
from tsseq2seq.forecasting.conformal import Conformal, fit_conformal, windows_needed


def column(values) -> np.ndarray:
    return np.asarray(values, dtype=float).reshape(-1, 1, 1)


def from_scores(scores) -> Conformal:
    """Calibrate on windows with the centre 0 and spreads of 1, whose scores are the truths."""
    truth = column(scores) if np.ndim(scores) == 1 else np.asarray(scores, dtype=float)
    return fit_conformal(truth, np.zeros_like(truth), np.ones_like(truth), np.ones_like(truth))


def interval(conformal: Conformal, centre=0.0, below=1.0, above=1.0, level=80.0) -> tuple[float, float]:
    lower, upper = conformal.interval(column(centre), column(below), column(above), level)
    return lower.item(), upper.item()


def score(y: float, centre: float, below: float, above: float) -> float:
    """The score of one truth, without arrays."""
    if y == centre:
        return 0.0
    spread = above if y > centre else below
    return math.copysign(math.inf, y - centre) if spread == 0 else (y - centre) / spread


def ranks(n: int, level: float) -> tuple[int, int]:
    """The formula of the docstring in exact arithmetic, both ends by themselves."""
    alpha = 1 - Fraction(str(level)) / 100
    return math.floor((n + 1) * alpha / 2), math.ceil((n + 1) * (1 - alpha / 2))


def skewed_data(rng: np.random.Generator, shape: tuple[int, ...]):
    """Heavy tails above, light ones below, noise that grows with an input, and a poor forecast."""
    x = rng.uniform(0, 3, shape)
    noise = np.where(rng.random(shape) < 0.3, rng.standard_t(1.5, shape) ** 2, -rng.exponential(0.5, shape))
    truth = np.sin(x) + (0.2 + x**2) * noise
    return truth, 0.5 * x, 0.3 + x, 0.1 + x**2


class TestTheGuarantee:
    @pytest.mark.parametrize("level", [50, 80, 90, 95])
    @pytest.mark.parametrize("n", [39, 40, 57, 100])
    def test_mean_coverage_over_random_splits(self, n, level):
        """Each target is a calibration set of its own, with 10 test windows."""
        sets, tests = 4000, 10
        data = skewed_data(np.random.default_rng(n * 100 + level), (n + tests, 1, sets))
        conformal = fit_conformal(*(part[:n] for part in data))
        truth, *forecast = (part[n:] for part in data)
        lower, upper = conformal.interval(*forecast, level)
        covered = ((lower <= truth) & (truth <= upper)).mean(axis=(0, 1))
        error = 4 * covered.std() / sets**0.5
        assert level / 100 - error <= covered.mean() <= level / 100 + 2 / (n + 1) + error
        low, high = ranks(n, level)
        assert covered.mean() == pytest.approx((high - low) / (n + 1), abs=error)

    def test_splits_of_one_finite_set(self):
        """Exchangeable, but not independent: a permutation of the same 60 windows each time."""
        rng = np.random.default_rng(5)
        data = [part.ravel() for part in skewed_data(rng, (60, 1, 1))]
        order = rng.permuted(np.tile(np.arange(60), (3000, 1)), axis=1).T[:, None]
        split = [part[order] for part in data]
        conformal = fit_conformal(*(part[:59] for part in split))
        truth, *forecast = (part[59:] for part in split)
        lower, upper = conformal.interval(*forecast, 80)
        covered = ((lower <= truth) & (truth <= upper)).mean()
        low, high = ranks(59, 80)
        assert covered == pytest.approx((high - low) / 60, abs=4 * (0.16 / 3000) ** 0.5)

    @pytest.mark.parametrize(("n", "level"), [(19, 90), (50, 80), (99, 95), (200, 50)])
    def test_coverage_given_the_calibration_set_is_a_beta_variable(self, n, level):
        law = scipy.stats.skewnorm(6)
        scores = law.rvs((n, 1, 2000), random_state=n)
        ones = np.ones_like(scores[:1])
        lower, upper = from_scores(scores).interval(0 * ones, ones, ones, level)
        coverage = (law.cdf(upper) - law.cdf(lower)).ravel()
        k = ranks(n, level)[0]
        assert scipy.stats.kstest(coverage, scipy.stats.beta(n + 1 - 2 * k, 2 * k).cdf).pvalue > 0.01
        assert scipy.stats.kstest(coverage, scipy.stats.beta(n - 2 * k, 2 * k + 1).cdf).pvalue < 1e-4, (
            "a rank less"
        )

    def test_equal_scores_cover_more_never_less(self):
        """Counts: many windows share a score, and the ends of intervals are themselves frequent truths."""
        rng = np.random.default_rng(0)
        truth = rng.poisson(1.5, (49, 1, 3000)).astype(float)
        centre, below, above = np.full_like(truth, 1.0), np.full_like(truth, 0.7), np.full_like(truth, 0.3)
        conformal = fit_conformal(truth, centre, below, above)
        lower, upper = conformal.interval(centre[:1], below[:1], above[:1], 80)
        counts = np.arange(60)[:, None]
        inside = (lower[0] <= counts) & (counts <= upper[0])
        coverage = (scipy.stats.poisson(1.5).pmf(counts) * inside).sum(0)
        assert coverage.mean() >= 0.8
        low, high = ranks(49, 80)
        ordered = np.sort(truth, axis=0)
        np.testing.assert_array_equal(inside.sum(0), (ordered[high - 1] - ordered[low - 1] + 1)[0])

    def test_a_drift_breaks_it(self):
        """What the docstring warns of: without exchangeability there is no guarantee."""
        rng = np.random.default_rng(1)
        scores = rng.normal(size=(99, 1, 500))
        ones = np.ones_like(scores[:1])
        lower, upper = from_scores(scores).interval(0 * ones, ones, ones, 80)
        later = rng.normal(loc=2.0, size=(200, 1, 500))
        assert ((lower <= later) & (later <= upper)).mean() < 0.4


class TestEnds:
    @given(
        st.integers(1, 80), st.integers(1, 99) | st.floats(1.0, 99.5) | st.sampled_from([99.9, 97.5, 33.3]),
        st.integers(0, 2**32 - 1),
    )  # fmt: skip
    def test_ranks_against_exact_fractions(self, n, level, seed):
        scores = np.random.default_rng(seed).permutation(n).astype(float) + 1  # the k-th smallest is k
        low, high = ranks(n, level)
        if low == 0:
            assert high == n + 1
            assert n < windows_needed(level)
            with pytest.raises(DataError, match=f"needs at least {windows_needed(level)} .* has {n} with"):
                interval(from_scores(scores), level=level)
        else:
            assert n >= windows_needed(level)
            assert interval(from_scores(scores), level=level) == pytest.approx((low, high), rel=1e-12)

    @given(st.data())
    def test_the_interval_holds_just_the_truths_whose_score_lies_between(self, data):
        """Every candidate truth is scored by itself; zero spreads and centres among them."""
        numbers = st.integers(-8, 8).map(lambda number: number / 2)
        spreads = st.sampled_from([0.0, 0.5, 1.0, 3.0])
        windows = st.tuples(numbers, numbers, spreads, spreads)
        calibration = data.draw(st.lists(windows, min_size=9, max_size=25))
        centre, below, above = data.draw(st.tuples(numbers, spreads, spreads))
        level = data.draw(st.sampled_from([20, 50, 60, 80]))
        conformal = fit_conformal(*(column(values) for values in zip(*calibration, strict=True)))
        lower, upper = interval(conformal, centre, below, above, level)
        ordered = sorted(score(*window) for window in calibration)
        low, high = (ordered[rank - 1] for rank in ranks(len(ordered), level))
        assert lower <= upper
        for candidate in np.arange(-60, 60) / 4:
            if low <= score(candidate, centre, below, above) <= high:
                assert lower <= candidate <= upper
            elif (candidate > centre and above > 0) or (candidate < centre and below > 0):
                assert not lower <= candidate <= upper

    @given(
        st.floats(-1e6, 1e6), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3)
    )  # fmt: skip
    def test_a_truth_comes_back_from_its_own_score(self, y, centre, below, above):
        """Rounding may not push it out, nor the interval be wider than a few roundings."""
        assume(y == centre or abs(y - centre) > 1e-290)  # a smaller score has fewer digits
        windows = [column(np.full(9, value)) for value in (y, centre, below, above)]
        lower, upper = interval(fit_conformal(*windows), centre, below, above, 80)
        assert lower <= y <= upper
        assert upper - lower <= 1e-14 * (abs(y) + abs(centre))

    @given(
        st.lists(st.floats(-1e300, 1e300), min_size=9, max_size=60),
        st.lists(st.floats(1, 80), min_size=2, max_size=6), st.floats(-1e9, 1e9),
        st.floats(0, 1e9), st.floats(0, 1e9),
    )  # fmt: skip
    def test_a_higher_level_holds_the_interval_of_a_lower_one(self, scores, levels, centre, below, above):
        conformal = from_scores(scores)
        ends = [interval(conformal, centre, below, above, level) for level in sorted(levels)]
        for (lower, upper), (wider_lower, wider_upper) in itertools.pairwise(ends):
            assert wider_lower <= lower <= upper <= wider_upper

    def test_the_two_sides_are_scaled_apart(self):
        conformal = from_scores(np.arange(-9.0, 10.0))
        assert interval(conformal, 100, 2, 0.5, 90) == pytest.approx((82, 104.5))
        assert interval(conformal, 100, 2, 0.5, 50) == pytest.approx((90, 102.5))

    def test_a_biased_forecast_is_shifted(self):
        """All truths lay above the centre, so both ends do, in spreads of the upper side."""
        conformal = from_scores(np.arange(1.0, 20.0))
        assert interval(conformal, 10, 100, 2, 90) == pytest.approx((12, 48))
        assert interval(from_scores(np.arange(-19.0, 0.0)), 10, 2, 100, 90) == pytest.approx((-28, 8))

    def test_single_precision_in_double_out(self):
        truth = np.arange(19, dtype=np.float32).reshape(-1, 1, 1)
        ones = np.ones_like(truth)
        conformal = fit_conformal(truth, 9 * ones, ones, ones)
        lower, upper = conformal.interval(ones, ones, ones, 90)
        assert conformal.scores.dtype == lower.dtype == upper.dtype == np.float64
        np.testing.assert_allclose([lower[:, 0, 0], upper[:, 0, 0]], [[-8] * 19, [10] * 19])


class TestZeroSpreads:
    def windows(self, missed_below: int, exact: int, missed_above: int) -> Conformal:
        """Spreads are 0, and -0.0 where the truth lies below."""
        truth = column([-1.0] * missed_below + [0.0] * exact + [1.0] * missed_above)
        return fit_conformal(truth, 0 * truth, 0 * truth, 0 * truth)

    def test_scores(self):
        scores = self.windows(2, 3, 1).scores.ravel()
        np.testing.assert_array_equal(scores, [-np.inf, -np.inf, 0, 0, 0, np.inf])

    @pytest.mark.parametrize("spread", [0.0, 2.0])
    def test_exact_forecasts_stay_points(self, spread):
        assert interval(self.windows(0, 9, 0), 7, spread, spread) == (7, 7)

    @pytest.mark.parametrize("spread", [0.0, 2.0])
    def test_misses_make_the_side_infinite(self, spread):
        assert interval(self.windows(1, 7, 1), 7, spread, spread) == (-math.inf, math.inf)
        assert interval(self.windows(0, 8, 1), 7, spread, spread) == (7, math.inf)
        assert interval(self.windows(1, 8, 0), 7, spread, spread) == (-math.inf, 7)

    def test_misses_on_one_side_alone(self):
        """Where the spread is 0, only truths off the centre have such scores: the end is the centre."""
        assert interval(self.windows(0, 0, 9), 7, 0, 0) == (7, math.inf)
        assert interval(self.windows(9, 0, 0), 7, 0, 0) == (-math.inf, 7)
        assert interval(self.windows(0, 0, 9), 7, 1, 1) == (math.inf, math.inf)

    def test_a_point_forecast_under_finite_scores(self):
        assert interval(from_scores(np.arange(-9.0, 10.0)), 7, 0, 0) == (7, 7)
        assert interval(from_scores(np.arange(-9.0, 10.0)), 7, 0, 1) == pytest.approx((7, 15))

    def test_huge_scores_overflow_to_infinity(self):
        truth = column(np.linspace(1e5, 2e5, 19))
        conformal = fit_conformal(truth, 0 * truth, 0 * truth + 1, 0 * truth + 1e-300)
        lower, upper = interval(conformal, 1, 1e10, 1e10, 80)
        assert lower > 1e300
        assert upper == math.inf


class TestShapes:
    def test_each_step_and_target_by_itself(self):
        rng = np.random.default_rng(3)
        data = skewed_data(rng, (30, 4, 2))
        data[0][:7, 1, 0] = np.nan
        data[0][20:, 3, 1] = np.nan
        forecast = [part[:5] for part in data[1:]]
        lower, upper = fit_conformal(*data).interval(*forecast, 60)
        assert lower.shape == upper.shape == (5, 4, 2)
        for step in range(4):
            for target in range(2):
                known = ~np.isnan(data[0][:, step, target])
                alone = fit_conformal(*(column(part[known, step, target]) for part in data))
                ends = alone.interval(*(column(part[:, step, target]) for part in forecast), 60)
                np.testing.assert_array_equal(lower[:, step, target], ends[0].ravel())
                np.testing.assert_array_equal(upper[:, step, target], ends[1].ravel())

    def test_missing_truths_are_counted_and_come_last(self):
        truth = np.array([[[3.0, np.nan]], [[np.nan, np.nan]], [[1.0, 2.0]]])
        nothing_known = np.where(np.isnan(truth), np.nan, 0.0)  # of what is not scored nothing is asked
        conformal = fit_conformal(truth, nothing_known, 1 + nothing_known, 1 + nothing_known)
        np.testing.assert_array_equal(conformal.scores[:, 0], [[1, 2], [3, np.nan], [np.nan, np.nan]])
        np.testing.assert_array_equal(conformal.counts, [[2, 1]])

    def test_a_shorter_horizon(self):
        scores = np.random.default_rng(0).normal(size=(20, 6, 1))
        ones = np.ones((3, 6, 1))
        whole = from_scores(scores).interval(ones, ones, ones, 80)
        part = from_scores(scores).interval(ones[:, :2], ones[:, :2], ones[:, :2], 80)
        np.testing.assert_array_equal(part[0], whole[0][:, :2])
        np.testing.assert_array_equal(part[1], whole[1][:, :2])

    def test_steps_beyond_the_forecast_need_no_windows(self):
        scores = np.random.default_rng(0).normal(size=(20, 3, 1))
        scores[2:, 2] = np.nan
        ones = np.ones((1, 3, 1))
        conformal = from_scores(scores)
        assert conformal.interval(ones[:, :2], ones[:, :2], ones[:, :2], 80)[0].shape == (1, 2, 1)
        with pytest.raises(
            DataError, match=r"level 80 needs at least 9 .*; step 3 of target 1 has 2 with a known"
        ):
            conformal.interval(ones, ones, ones, 80)

    def test_no_forecasts(self):
        empty = np.ones((0, 1, 1))
        lower, upper = from_scores(np.arange(9.0)).interval(empty, empty, empty, 80)
        assert lower.shape == upper.shape == (0, 1, 1)

    def test_inputs_are_left_alone(self):
        data = skewed_data(np.random.default_rng(0), (20, 2, 1))
        copies = [part.copy() for part in data]
        fit_conformal(*data).interval(*data[1:], 80)
        for part, copy in zip(data, copies, strict=True):
            np.testing.assert_array_equal(part, copy)


class TestRefusals:
    @pytest.mark.parametrize(
        ("level", "windows"), [(80, 9), (90, 19), (95, 39), (99, 199), (99.9, 1999), (50, 3), (1, 2)]
    )
    def test_windows_needed(self, level, windows):
        assert windows_needed(level) == windows
        assert ranks(windows, level)[0] == 1
        assert ranks(windows - 1, level)[0] == 0
        interval(from_scores(np.arange(float(windows))), level=level)
        with pytest.raises(
            DataError, match=rf"level {level} needs at least {windows} .* has {windows - 1} with"
        ):
            interval(from_scores(np.arange(windows - 1.0)), level=level)

    @pytest.mark.parametrize("level", [0, -5, 100, 100.5, math.nan, math.inf])
    def test_levels_out_of_range(self, level):
        with pytest.raises(ParameterError, match=re.escape(f"level is {level}")):
            interval(from_scores(np.arange(30.0)), level=level)
        with pytest.raises(ParameterError, match=re.escape(f"level is {level}")):
            windows_needed(level)

    @pytest.mark.usefixtures("unchecked_types")
    def test_a_level_that_is_no_number(self):
        with pytest.raises(ParameterTypeError, match="level is '80'; it must be a number"):
            windows_needed("80")

    @pytest.mark.parametrize(
        ("place", "value", "match"),
        [
            (0, np.inf, "truth is infinite in window 2, step 1, target 1"),
            (1, np.nan, "centre is not finite in window 2, step 1, target 1"),
            (2, np.inf, "lower_spread is not finite in window 2"),
            (3, np.nan, "upper_spread is not finite in window 2"),
            (2, -1.0, "lower_spread is negative in window 2, step 1, target 1; a spread is at least 0"),
            (3, -1e-9, "upper_spread is negative in window 2"),
        ],
        ids=["truth", "centre", "lower", "upper", "negative-lower", "negative-upper"],
    )
    def test_bad_numbers(self, place, value, match):
        data = [np.ones((9, 1, 1)) for _ in range(4)]
        good = fit_conformal(*data)
        data[place][2] = value
        with pytest.raises(DataError, match=match):
            fit_conformal(*data)
        if place:
            with pytest.raises(DataError, match=match):
                good.interval(*data[1:], 80)

    def test_bad_shapes(self):
        good, flat, short = np.ones((9, 2, 1)), np.ones((9, 2)), np.ones((8, 2, 1))
        with pytest.raises(
            ParameterError, match=r"truth has the shape \(9, 2\); it must be \(windows, steps, targets\)"
        ):
            fit_conformal(flat, flat, flat, flat)
        with pytest.raises(
            ParameterError, match=r"upper_spread has the shape \(8, 2, 1\), but truth has \(9, 2, 1\)"
        ):
            fit_conformal(good, good, good, short)
        conformal = fit_conformal(good, good, good, good)
        with pytest.raises(
            ParameterError, match=r"lower_spread has the shape \(8, 2, 1\), but centre has \(9, 2, 1\)"
        ):
            conformal.interval(good, short, good, 80)

    def test_more_steps_or_other_targets_than_calibrated(self):
        conformal = from_scores(np.ones((9, 2, 1)))
        longer, wider = np.ones((1, 3, 1)), np.ones((1, 2, 2))
        with pytest.raises(DataError, match="forecast has 3 steps, but the calibration only 2"):
            conformal.interval(longer, longer, longer, 80)
        with pytest.raises(DataError, match="forecast has 2 targets, but the calibration 1"):
            conformal.interval(wider, wider, wider, 80)

    def test_no_windows(self):
        empty = np.ones((0, 2, 1))
        with pytest.raises(DataError, match="truth has no windows"):
            fit_conformal(empty, empty, empty, empty)

    @pytest.mark.parametrize("scores", [[2.0, 1.0], [np.nan, 1.0], [0.0, np.nan, 1.0]])
    def test_scores_must_be_sorted(self, scores):
        with pytest.raises(ParameterError, match="must be sorted along the first axis, NaN last"):
            Conformal(column(scores))
        with pytest.raises(ParameterError, match=r"scores has the shape \(\d,\); it must be"):
            Conformal(np.array(scores))
