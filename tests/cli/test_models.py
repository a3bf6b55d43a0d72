"""From options to a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tsseq2seq
from tsseq2seq.cli.models import check_levels, make_model, parse_levels, parse_numbers_of
from tsseq2seq.cli.options import Learning
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import ParameterError

ROLES = Columns(None, "t", ("y",))


@pytest.mark.parametrize(
    ("distribution", "kind"),
    [
        ("quantiles", tsseq2seq.Quantiles),
        ("normal", tsseq2seq.Normal),
        ("student-t", tsseq2seq.StudentT),
        ("negative-binomial", tsseq2seq.NegativeBinomial),
        ("zero-inflated", tsseq2seq.ZeroInflatedNegativeBinomial),
        ("tweedie", tsseq2seq.Tweedie),
        ("binned", tsseq2seq.Binned),
        ("point", tsseq2seq.Point),
    ],
)
def test_each_distribution_is_an_output(distribution, kind):
    assert type(make_model(3, ROLES, None, Learning(distribution=distribution)).output) is kind


@pytest.mark.parametrize(
    ("levels", "probabilities"),
    [
        (None, (0.05, 0.5, 0.95)),
        ("80", (0.1, 0.5, 0.9)),
        ("95, 80", (0.025, 0.1, 0.5, 0.9, 0.975)),
        ("97.5%", (0.0125, 0.5, 0.9875)),
        ("99.9", (0.0005, 0.5, 0.9995)),
    ],
)
def test_quantiles_bound_the_levels(levels, probabilities):
    assert make_model(3, ROLES, None, Learning(levels=levels)).output.levels == probabilities


def test_all_options_reach_the_model():
    columns = Columns("s", "t", ("y", "z"), past=("a",), future=("b",), static=("c",))
    said = Learning(context_length=9, segment_length=3, max_steps=5, max_time=7.0, members=3, seed=4)
    assert make_model(3, columns, "D", said).get_params(deep=False) == tsseq2seq.Seq2SeqForecaster(
        3,
        context_length=9,
        segment_length=3,
        output=tsseq2seq.Quantiles((0.05, 0.5, 0.95)),
        training=tsseq2seq.Training(max_steps=5, max_time=7.0, members=3),
        past_covariates=("a",),
        future_covariates=("b",),
        static_covariates=("c",),
        id_col="s",
        time_col="t",
        target_col=("y", "z"),
        freq="D",
        seed=4,
    ).get_params(deep=False)


def test_the_calendar_and_a_country():
    assert make_model(3, ROLES, None, Learning()).calendar is None
    assert make_model(3, ROLES, None, Learning(calendar=True)).calendar == "auto"
    for calendar in (True, False):
        model = make_model(3, ROLES, None, Learning(calendar=calendar, country="DE"))
        assert model.calendar == tsseq2seq.Calendar(country="DE")


@pytest.mark.parametrize(
    "text", ["", "80,", "eighty", "0", "100", "-5", "80,80", "nan", "80 95", "99.99999999999"]
)
def test_levels_that_are_none(text):
    with pytest.raises(ParameterError, match=r"--levels is '.*'; it must be different percentages between 0"):
        parse_levels(text)


@given(shares=st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True))
def test_levels_that_are_shares_are_questioned(shares):
    said = ",".join(str(share / 100) for share in shares)
    percents = ",".join(str(share) for share in shares)
    with pytest.raises(ParameterError, match="levels are in percent") as caught:
        parse_levels(said)
    assert str(caught.value).endswith(f"--levels {percents}")
    assert parse_levels(percents) == tuple(map(float, shares))
    assert parse_levels("0.5%") == (0.5,)


@given(numbers=st.lists(st.integers(1, 999), min_size=1, max_size=5))
def test_several_numbers_of_an_option(numbers):
    joined = [",".join(map(str, numbers))]
    assert parse_numbers_of("--lag", joined, whole=True) == tuple(numbers)
    assert parse_numbers_of("--lag", [str(number) for number in numbers], whole=True) == tuple(numbers)
    assert parse_numbers_of("--lag", None) is None
    with pytest.raises(ParameterError, match=r"--lag is '1\.5'"):
        parse_numbers_of("--lag", ["1.5"], whole=True)


def test_levels_without_intervals():
    with pytest.raises(ParameterError, match="--levels is '80', but --distribution point has no intervals"):
        check_levels(Learning(levels="80", distribution="point"))
    assert check_levels(Learning(levels="80,95")) == (80.0, 95.0)


def test_bounds_and_the_mean_are_handed_on():
    said = Learning(distribution="negative-binomial", centre="mean", floor=0.0, ceiling=9.0)
    model = make_model(3, Columns(), None, said)
    assert model.output == tsseq2seq.NegativeBinomial(centre="mean")
    assert (model.floor, model.ceiling) == (0.0, 9.0)


@pytest.mark.parametrize("distribution", ["quantiles", "point"])
def test_a_mean_of_what_has_none_is_refused(distribution):
    with pytest.raises(ParameterError, match=f"--centre is 'mean', but --distribution {distribution}"):
        make_model(3, Columns(), None, Learning(distribution=distribution, centre="mean"))
