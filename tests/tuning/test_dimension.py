"""Dimensions: what may be given, and how they are widened."""

from __future__ import annotations

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.training.teacher_forcing import Linear
from tsseq2seq.tuning.dimension import parse_dimension


@pytest.mark.parametrize(
    ("given", "value", "expected"),
    [
        (IntDistribution(16, 64, step=16), 32, IntDistribution(16, 64, step=16)),
        (IntDistribution(16, 64, step=16), 24, IntDistribution(16, 64, step=8)),
        (IntDistribution(16, 64, step=16), 100, IntDistribution(16, 100, step=4)),
        (IntDistribution(16, 64, step=16), 3, IntDistribution(3, 64, step=1)),
        (IntDistribution(1, 8, log=True), 20, IntDistribution(1, 20, log=True)),
        (IntDistribution(1, 8, log=True), 0, IntDistribution(0, 8)),
        (FloatDistribution(0.1, 0.5), 0.7, FloatDistribution(0.1, 0.7)),
        (FloatDistribution(0.1, 0.5), 0, FloatDistribution(0, 0.5)),
        (FloatDistribution(0.0, 1.0, step=0.25), 0.3, FloatDistribution(0.0, 1.0)),
        (FloatDistribution(1e-3, 1e-1, log=True), 1e-5, FloatDistribution(1e-5, 1e-1, log=True)),
        (FloatDistribution(1e-3, 1e-1, log=True), 0.0, FloatDistribution(0.0, 1e-1)),
        ([8, 16], 16, CategoricalDistribution([8, 16])),
        ([8, 16], 12, CategoricalDistribution([8, 16, 12])),
        (["dot"], None, CategoricalDistribution(["dot", None])),
        (CategoricalDistribution(["dot"]), "additive", CategoricalDistribution(["dot", "additive"])),
    ],
    ids=[
        "in_range",
        "int_finer_steps",
        "int_above",
        "int_below",
        "int_log",
        "int_log_zero",
        "float_above",
        "float_int_below",
        "float_between_steps",
        "float_log",
        "float_log_zero",
        "category_known",
        "category_new",
        "category_none",
        "distribution_of_categories",
    ],
)
def test_it_is_widened_to_hold_a_value(given, value, expected) -> None:
    dimension = parse_dimension("x", given).widened_to(value)
    assert dimension.distribution == expected
    assert dimension.contains(value)
    assert dimension.from_storage(dimension.to_storage(value)) == value
    # Optuna's own word for it
    assert expected._contains(expected.to_internal_repr(dimension.to_storage(value)))


@pytest.mark.parametrize("value", [None, "auto", True, float("nan"), float("inf")])
def test_what_is_no_number_widens_no_range(value) -> None:
    for given in (IntDistribution(1, 8), FloatDistribution(0.0, 1.0)):
        dimension = parse_dimension("x", given).widened_to(value)
        assert dimension.distribution == given
        assert not dimension.contains(value)


def test_a_fraction_widens_no_range_of_whole_numbers() -> None:
    assert parse_dimension("x", IntDistribution(1, 8)).widened_to(0.5).distribution == IntDistribution(1, 8)


def test_true_is_not_one() -> None:
    assert not parse_dimension("x", [0, 1]).contains(True)
    assert not parse_dimension("x", [False, True]).contains(1)


class TestLabels:
    def test_values_stand_behind_labels(self) -> None:
        dimension = parse_dimension("x", {"truth": 1.0, "less": Linear(1.0, 0.5)})
        assert dimension.distribution == CategoricalDistribution(["truth", "less"])
        assert dimension.from_storage("less") == Linear(1.0, 0.5)
        assert dimension.to_storage(Linear(1.0, 0.5)) == "less"
        trial = optuna.trial.FixedTrial({"x": "less"})
        assert dimension.suggest(trial, "x") == Linear(1.0, 0.5)

    @pytest.mark.parametrize(
        "value", [0.3, None, Linear(0.9, 0.1), [7]], ids=["number", "none", "schedule", "list"]
    )
    def test_a_new_value_is_added_as_given(self, value) -> None:
        dimension = parse_dimension("x", {"truth": 1.0}).widened_to(value)
        assert dimension.distribution == CategoricalDistribution(["truth", "as given"])
        assert dimension.to_storage(value) == "as given"
        assert dimension.from_storage("as given") == value

    def test_a_list_of_objects_is_labelled_by_their_text(self) -> None:
        dimension = parse_dimension("x", [1.0, Linear()])
        assert dimension.distribution == CategoricalDistribution(["1.0", str(Linear())])
        assert dimension.from_storage(str(Linear())) == Linear()

    def test_an_object_turns_plain_values_into_labels(self) -> None:
        dimension = parse_dimension("x", [None, 1.0]).widened_to(Linear())
        assert dimension.distribution == CategoricalDistribution(["None", "1.0", "as given"])
        assert dimension.from_storage("None") is None
        assert dimension.from_storage("as given") == Linear()

    def test_a_label_of_the_users_is_kept(self) -> None:
        dimension = parse_dimension("x", {"as given": 1.0}).widened_to(0.5)
        assert dimension.from_storage("as given") == 1.0
        assert dimension.contains(0.5)

    def test_values_of_the_same_text_are_all_kept(self) -> None:
        dimension = parse_dimension("x", ["Linear", 1, "1", [1]])
        assert all(dimension.contains(value) for value in ("Linear", 1, "1", [1]))


class TestRefusals:
    @pytest.mark.parametrize("given", [[], (), {}], ids=["list", "tuple", "dict"])
    def test_no_value(self, given) -> None:
        with pytest.raises(ParameterError, match="tune: space has no value for 'network__cell'"):
            parse_dimension("network__cell", given)

    @pytest.mark.parametrize("given", [5, "lstm", None, range(3)], ids=["number", "text", "none", "range"])
    def test_something_else(self, given) -> None:
        with pytest.raises(ParameterTypeError, match="for 'x'; it must be an Optuna distribution, a list"):
            parse_dimension("x", given)
