"""Names of scalings, and what each says of itself against what it does."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.base
import torch

from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.registry import SCALINGS, resolve_scaling
from tsseq2seq.data.scaling.window import Window
from tsseq2seq.errors import ParameterError
from tsseq2seq.persistence import decode, encode
from tsseq2seq.settings import Settings

each_scaling = pytest.mark.parametrize("name", SCALINGS)


def test_the_names_and_their_order_are_known() -> None:
    assert tuple(SCALINGS) == ("window", "series", "last", "robust", "mean", "log1p", "none")


def test_every_scaling_of_the_library_has_its_name() -> None:
    kinds = {
        kind for kind in Settings.registry.values()
        if issubclass(kind, Scaling) and kind is not Scaling and kind.__module__.startswith("tsseq2seq.data")
    }  # fmt: skip
    named = {type(scaling) for scaling in SCALINGS.values()}
    assert {kind for kind in kinds if kind.__module__ != "tsseq2seq.data.scaling.base"} == named
    assert all(SCALINGS[name].name == name for name in SCALINGS)


@each_scaling
def test_a_name_is_resolved_and_a_scaling_is_itself(name: str) -> None:
    scaling = resolve_scaling(name)
    assert scaling is SCALINGS[name]
    assert resolve_scaling(scaling) is scaling


@pytest.mark.parametrize("value", ["minmax", "", 3, None, ["window"], Window], ids=repr)
@pytest.mark.usefixtures("unchecked_types")
def test_what_is_no_scaling_is_refused_by_whoever_asked(value) -> None:
    with pytest.raises(ParameterError) as caught:
        resolve_scaling(value, owner="Asker")
    message = str(caught.value)
    assert message.startswith(f"Asker: scaling is {value!r}; ")
    assert all(repr(name) in message for name in SCALINGS)


@each_scaling
def test_scalings_are_settings_that_can_be_cloned_and_saved(name: str) -> None:
    scaling = SCALINGS[name]
    assert scaling.get_params() == {}
    assert sklearn.base.clone(scaling) == scaling
    lost: list[str] = []
    assert decode(encode({"scaling": scaling}, "", lost))["scaling"] == scaling
    assert not lost
    assert len({type(scaling)(), scaling}) == 1


@each_scaling
def test_what_it_says_of_zero_and_of_proportion_is_what_it_does(name: str, batch_of) -> None:
    """The numbers of 0, 10, 20 and 30 under a context that is not symmetric around 0."""
    batch = batch_of(np.array([3.0, 8.0, 4.0, 9.0, 7.0, 30.0]))
    scaling = SCALINGS[name]
    scale, _ = scaling.fit(batch)
    given = torch.tensor([0.0, 10.0, 20.0, 30.0], dtype=torch.float64)[None, :, None]
    numbers = scale.transform(((given - batch.origin) / batch.unit).float()).flatten()
    assert (numbers[0].abs().item() > 1e-5) is scaling.centred
    steps = numbers.diff()
    assert torch.allclose(steps, steps[:1], rtol=1e-4) is scaling.linear


@each_scaling
def test_whether_it_needs_the_history_is_what_it_does(name: str, batch_of) -> None:
    scaling, values = SCALINGS[name], np.sin(np.arange(24.0)) + 2
    with_history, without = (batch_of(values, 6, moments=moments) for moments in (True, False))
    if scaling.needs_history:
        with pytest.raises(ValueError, match="moments"):
            scaling.fit(without)
    else:
        assert torch.equal(scaling.fit(without)[1], scaling.fit(with_history)[1])


def test_only_quartiles_cannot_be_captured() -> None:
    assert [name for name, scaling in SCALINGS.items() if not scaling.capturable] == ["robust"]
