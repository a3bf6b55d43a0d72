"""The parameter protocol of all settings classes."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
import sklearn.base
import torch

from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.decoding.beam import Beam
from tsseq2seq.errors import ParameterError, ParameterTypeError, TsSeq2SeqError
from tsseq2seq.estimator import Estimator
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import (
    Binned,
    NegativeBinomial,
    Point,
    Quantiles,
    StudentT,
    Tweedie,
    ZeroInflatedNegativeBinomial,
)
from tsseq2seq.settings import Settings, changed_params, check_choice, check_number, replace_params
from tsseq2seq.training.teacher_forcing import Exponential, InverseSigmoid, Linear
from tsseq2seq.training.training import Training
from tsseq2seq.translation.minimum_risk import MinimumRisk

EXAMPLES = [
    Network(),
    Network(cell="gru", hidden_size=7, attention="additive", attention_size=3),
    Training(),
    Training(teacher_forcing=InverseSigmoid(30), optimizer=torch.optim.SGD),
    Point(),
    Point(torch.nn.functional.l1_loss),
    Quantiles(),
    Quantiles([0.1, 0.5]),
    Linear(steps=4),
    Exponential(0.5),
    InverseSigmoid(3),
]
each_example = pytest.mark.parametrize("settings", EXAMPLES, ids=lambda settings: type(settings).__name__)


@pytest.fixture
def nested(monkeypatch):
    """Settings within settings within settings, whose names leave the registry again."""
    monkeypatch.setattr(Settings, "registry", dict(Settings.registry))

    @dataclass(frozen=True)
    class Inner(Settings):
        k: int = 1

    @dataclass(frozen=True)
    class Middle(Settings):
        inner: Inner = Inner()
        name: str = "m"

    @dataclass(frozen=True)
    class Outer(Settings):
        middle: Middle = Middle()
        other: object = None

    return Inner, Middle, Outer


# --- get_params ---


@each_example
def test_get_params_holds_the_fields_themselves(settings):
    params = settings.get_params(deep=False)
    assert list(params) == [field.name for field in dataclasses.fields(settings)]
    for name, value in params.items():
        assert value is getattr(settings, name)


@each_example
def test_fields_stay_as_they_were_given(settings):
    params = settings.get_params(deep=False)
    rebuilt = type(settings)(**params)
    assert all(getattr(rebuilt, name) is value for name, value in params.items())
    assert rebuilt == settings


@each_example
def test_a_clone_is_equal(settings):
    assert sklearn.base.clone(settings) == settings


@each_example
def test_settings_cannot_be_changed_in_place(settings):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(settings, dataclasses.fields(settings)[0].name, None)


def test_nested_params_reach_all_the_way_down(nested):
    Inner, _, Outer = nested
    outer = Outer(other=Inner(5))
    assert outer.get_params() == {
        "middle": outer.middle,
        "middle__inner": outer.middle.inner,
        "middle__inner__k": 1,
        "middle__name": "m",
        "other": Inner(5),
        "other__k": 5,
    }
    assert list(outer.get_params(deep=False)) == ["middle", "other"]


def test_params_of_a_schedule_inside_training():
    params = Training(teacher_forcing=InverseSigmoid(50)).get_params()
    assert params["teacher_forcing__k"] == 50
    assert not any("__" in name for name in Training(teacher_forcing=0.5).get_params())


# --- replace_params ---


def test_replace_own_and_nested_names_and_leave_the_original(nested):
    Inner, Middle, Outer = nested
    outer = Outer()
    changed = replace_params(outer, {"middle__inner__k": 9, "middle__name": "x", "other": 3})
    assert changed == Outer(Middle(Inner(9), "x"), 3)
    assert outer == Outer()


def test_replace_reaches_into_a_value_that_is_set_in_the_same_call(nested):
    Inner, Middle, Outer = nested
    for changes in (
        {"other": Inner(2), "other__k": 4},
        {"other__k": 4, "other": Inner(2)},
    ):
        assert replace_params(Outer(), changes) == Outer(other=Inner(4))
    changed = replace_params(Outer(), {"middle__inner": Inner(7), "middle__inner__k": 8})
    assert changed == Outer(Middle(Inner(8)))


def test_replace_what_get_params_gave_changes_nothing(nested):
    _, _, Outer = nested
    for settings in (Outer(), Training(teacher_forcing=Linear(steps=3)), Network(hidden_size=3)):
        assert replace_params(settings, settings.get_params()) == settings
        assert replace_params(settings, {}) == settings


def test_replace_keeps_what_is_not_named_by_identity():
    levels = [0.1, 0.5]
    schedule = InverseSigmoid(9)
    assert replace_params(Quantiles(levels), {}).levels is levels
    assert replace_params(Training(teacher_forcing=schedule), {"warmup": 0}).teacher_forcing is schedule


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"hidden": 3}, ["Network", "'hidden'", "hidden_size", "residual"]),
        ({"hiddn__size": 3}, ["Network", "'hiddn'", "hidden_size"]),
        ({"cell__kind": 3}, ["cell__kind", "Network.cell", "'lstm'", "no parameters of its own"]),
        ({"": 3}, ["Network", "''"]),
    ],
)
def test_an_unknown_name_is_refused(changes, named):
    with pytest.raises(ParameterError) as refusal:
        replace_params(Network(), changes)
    for part in named:
        assert part in str(refusal.value)


def test_an_unknown_nested_name_is_refused_by_the_inner_settings():
    with pytest.raises(ParameterError, match="InverseSigmoid has no parameter 'speed'; it has: k"):
        replace_params(Training(teacher_forcing=InverseSigmoid()), {"teacher_forcing__speed": 1})


def test_a_replaced_value_is_checked():
    with pytest.raises(ParameterError, match="InverseSigmoid: k is 0"):
        replace_params(Training(teacher_forcing=InverseSigmoid()), {"teacher_forcing__k": 0})


# --- changed_params ---


def test_only_what_changes_is_returned_and_nothing_is_changed_in_place(nested):
    Inner, Middle, _ = nested
    current = {"size": 1, "middle": Middle(), "other": None}
    assert changed_params("Model", current, {}) == {}
    changed = changed_params("Model", current, {"middle__inner__k": 9, "size": 1})
    assert changed == {"size": 1, "middle": Middle(Inner(9))}
    assert current == {"size": 1, "middle": Middle(), "other": None}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sise": 3}, ["Model", "'sise'", "size, middle"]),
        ({"sise__k": 3}, ["Model", "'sise'"]),
        ({"size__k": 3}, ["size__k", "Model.size", "1"]),
        ({"middle": None, "middle__name": 3}, ["middle__name", "Model.middle", "None"]),
        ({"middle__nme": 3}, ["Middle", "'nme'", "inner, name"]),
    ],
)
def test_names_that_lead_nowhere_are_refused_with_their_owner(nested, changes, named):
    _, Middle, _ = nested
    with pytest.raises(ParameterError) as refusal:
        changed_params("Model", {"size": 1, "middle": Middle()}, changes)
    assert all(part in str(refusal.value) for part in named)


def test_estimators_and_settings_change_parameters_alike(nested):
    """The same changes, through both of its users."""
    Inner, Middle, Outer = nested

    class Model(Estimator):
        def __init__(self, middle=Middle(), other=None):  # noqa: B008
            self.middle, self.other = middle, other

    changes = {"other__k": 4, "middle__inner": Inner(7), "other": Inner(2), "middle__inner__k": 8}
    model, settings = Model().set_params(**changes), replace_params(Outer(), changes)
    assert (model.middle, model.other) == (settings.middle, settings.other) == (Middle(Inner(8)), Inner(4))


# --- the registry ---


@each_example
def test_the_registry_finds_the_class_by_name(settings):
    """Wherever in the library it is defined."""
    assert Settings.registry[f"tsseq2seq.{type(settings).__name__}"] is type(settings)


def test_a_class_made_by_a_user_enters_the_registry(nested):
    for kind in nested:
        assert Settings.registry[f"{__name__}.nested.<locals>.{kind.__name__}"] is kind


def test_a_users_class_stands_beside_the_librarys_of_the_same_name(monkeypatch):
    monkeypatch.setattr(Settings, "registry", dict(Settings.registry))
    Theirs = type("Linear", (Settings,), {"__module__": __name__, "__qualname__": "Linear"})
    assert Settings.registry["tsseq2seq.Linear"] is Linear
    assert Settings.registry[f"{__name__}.Linear"] is Theirs


# --- check_number ---


def accepts(value, **limits):
    try:
        check_number("Owner", "size", value, **limits)
    except TsSeq2SeqError:
        return False
    return True


@pytest.mark.parametrize("value", [-1, 0, 0.5, 1, 2, 2.5, math.inf, -math.inf])
@pytest.mark.parametrize("low_open", [False, True])
def test_a_range_is_held_at_both_ends(value, low_open):
    expected = (value > 0 if low_open else value >= 0) and value <= 2
    assert accepts(value, low=0, high=2, low_open=low_open) == expected


def test_a_range_without_an_upper_end():
    assert accepts(1e308, low=0)
    assert not accepts(math.inf, low=0), "what has no end would never end, or overflow"
    assert not accepts(10**400, low=0)
    assert accepts(2**31 - 1, low=0, integer=True)
    assert not accepts(2**31, low=0, integer=True)
    assert accepts(2**63 - 1, low=0, high=2**63 - 1, integer=True)
    assert not accepts(-1e-300, low=0)


@pytest.mark.parametrize("value", [np.float32(1), np.int8(1), Fraction(1, 2), np.float64(0.3)])
def test_every_kind_of_number_is_one(value):
    assert accepts(value, low=0)


@pytest.mark.parametrize("value", [np.int8(1), np.uint64(1), 10**9])
def test_every_kind_of_integer_is_one(value):
    assert accepts(value, low=0, integer=True)


@pytest.mark.parametrize("value", ["1", None, True, False, [1], (1,), {}, object(), 1j, math.sqrt])
def test_what_is_no_number_is_refused_as_a_type(value):
    with pytest.raises(ParameterTypeError, match=r"Owner: size is .*; it must be a number, at least 0"):
        check_number("Owner", "size", value, low=0)


@pytest.mark.parametrize("value", [1.0, np.float64(2), Fraction(1)])
def test_what_is_no_integer_is_refused_as_a_type(value):
    with pytest.raises(ParameterTypeError, match="it must be an integer, at least 0 and at most 5"):
        check_number("Owner", "size", value, low=0, high=5, integer=True)


def test_nan_is_never_in_range():
    for limits in ({"low": 0}, {"low": -math.inf}, {"low": 0, "high": 1}, {"low": 0, "low_open": True}):
        with pytest.raises(ParameterError, match="size is nan"):
            check_number("Owner", "size", math.nan, **limits)


def test_none_is_accepted_only_where_it_is_optional():
    assert accepts(None, low=0, optional=True)
    assert not accepts(None, low=0)


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ({"low": 1}, "a number, at least 1"),
        ({"low": 1, "integer": True}, "an integer, at least 1"),
        ({"low": 0.25, "high": 1}, "a number, at least 0.25 and at most 1"),
        ({"low": 0, "high": 1, "low_open": True}, "a number, above 0 and at most 1"),
    ],
)
def test_the_message_names_owner_argument_value_and_range(limits, wanted):
    with pytest.raises(ParameterError) as refusal:
        check_number("Owner", "size", -7, **limits)
    assert str(refusal.value) == f"Owner: size is -7; it must be {wanted}"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(10**400, id="an integer too large for a float"),
        pytest.param(np.array([1, 2]), id="an array"),
        pytest.param(torch.tensor([1.0, 2.0]), id="a tensor"),
        pytest.param(torch.tensor([1.0]), id="a tensor of one element"),
        pytest.param(int, id="a class"),
    ],
)
def test_odd_values_are_refused_by_an_error_of_ours(value):
    with pytest.raises(TsSeq2SeqError, match="Owner: size is"):
        check_number("Owner", "size", value, low=0, high=9)


# --- check_choice ---


@pytest.mark.parametrize("value", ["a", None, 3])
def test_a_choice_is_accepted(value):
    check_choice("Owner", "kind", value, ("a", None, 3))


@pytest.mark.parametrize("value", ["b", "A", "", 4, ["a"], math.nan])
def test_anything_but_a_choice_is_refused(value):
    with pytest.raises(ParameterError) as refusal:
        check_choice("Owner", "kind", value, ("a", None, 3))
    assert str(refusal.value) == f"Owner: kind is {value!r}; it must be one of 'a', None, 3"


def test_an_array_is_refused_as_a_choice_by_an_error_of_ours():
    with pytest.raises(TsSeq2SeqError, match="Owner: kind is"):
        check_choice("Owner", "kind", np.array(["a", "b"]), ("a", "b"))


# --- repr ---

CHANGED = [
    Network(),
    Network(hidden_size=32, attention="dot"),
    Training(max_steps=3, teacher_forcing=InverseSigmoid(k=200)),
    Quantiles([0.5]),
    StudentT(centre="mean"),
    NegativeBinomial(),
    ZeroInflatedNegativeBinomial(centre="mean"),
    Tweedie(power=1.2),
    Binned(2, edges=[1.0, 2.0, 3.0]),
    Calendar(["hour"]),
    Beam(beam_size=3),
    MinimumRisk(),
]


@pytest.mark.parametrize("settings", CHANGED, ids=repr)
def test_repr_evaluates_to_an_equal_instance(settings):
    names = {kind.__name__: kind for kind in (type(settings), InverseSigmoid)}
    assert eval(repr(settings), names) == settings


def test_repr_shows_what_was_changed_and_nothing_else():
    assert repr(Network(hidden_size=32)) == "Network(hidden_size=32)"
    assert repr(Training()) == "Training()"
    assert repr(Network(hidden_size=None, dropout=0.1)) == "Network(dropout=0.1)"
    assert repr(StudentT(centre="mean")) == "StudentT(centre='mean')"


def test_repr_of_arrays_and_of_a_field_without_a_default(nested):
    @dataclasses.dataclass(frozen=True)
    class Own(Settings):
        size: int
        values: object = None

    assert repr(Own(1)).endswith("Own(size=1)")
    assert "values=array([1, 2])" in repr(Own(1, np.array([1, 2])))


def test_a_repr_of_its_own_stays(nested):
    @dataclasses.dataclass(frozen=True)
    class Told(Settings):
        size: int = 1

        def __repr__(self) -> str:
            return "told"

    assert repr(Told()) == "told"
