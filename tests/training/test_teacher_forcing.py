"""Schedules against the formulas of Bengio et al. (2015), in exact arithmetic where floats overflow."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.training.teacher_forcing import Exponential, InverseSigmoid, Linear, truth_probability


@given(st.floats(1, 1e4), st.integers(0, 20_000))
def test_inverse_sigmoid_is_k_over_k_plus_exp(k: float, step: int) -> None:
    k_exact = Decimal(k)
    exact = k_exact / (k_exact + (Decimal(step) / k_exact).exp())
    assert InverseSigmoid(k)(step) == pytest.approx(float(exact), rel=1e-9, abs=1e-300)


def test_inverse_sigmoid_does_not_overflow() -> None:
    assert InverseSigmoid(1.0)(10**12) == 0.0
    assert InverseSigmoid(1e6)(0) == pytest.approx(1.0, abs=2e-6)


@given(st.floats(0.01, 1), st.integers(0, 1000))
def test_exponential_is_a_power(k: float, step: int) -> None:
    assert Exponential(k)(step) == pytest.approx(float(Decimal(k) ** step), rel=1e-9)


def test_linear_interpolates_and_stays() -> None:
    line = Linear(0.8, 0.2, steps=6)
    assert [line(step) for step in (0, 3, 6, 100)] == pytest.approx([0.8, 0.5, 0.2, 0.2])


def test_linear_without_length_takes_the_training_s() -> None:
    assert truth_probability(Linear(), 25, 100) == 0.75
    with pytest.raises(ParameterError, match="total number of steps"):
        Linear()(3)


@given(st.sampled_from([Linear(), Exponential(0.99), InverseSigmoid(10)]), st.integers(0, 400))
def test_schedules_fall_and_stay_probabilities(schedule, step: int) -> None:
    now, later = truth_probability(schedule, step, 400), truth_probability(schedule, step + 1, 400)
    assert 0 <= later <= now <= 1


def test_any_function_and_number_serves() -> None:
    assert truth_probability(lambda step: step / 10, 3, 10) == 0.3
    assert truth_probability(1, 3, 10) == 1.0


def test_a_function_that_gives_no_probability_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"teacher_forcing\(7\) returned 2"):
        truth_probability(lambda step: 2.0, 7, 10)
    with pytest.raises(ParameterTypeError, match="returned 'x'"):
        truth_probability(lambda step: "x", 7, 10)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Linear(start=1.5), "start is 1.5"),
        (lambda: Linear(steps=0), "steps is 0"),
        (lambda: Exponential(0.0), "k is 0.0"),
        (lambda: Exponential(1.1), "k is 1.1"),
        (lambda: InverseSigmoid(0.5), "k is 0.5"),
    ],
)
def test_fields_are_checked(build, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        build()
