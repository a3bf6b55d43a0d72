"""What holds for every family."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from tsseq2seq.pretraining.worlds import WORLDS, WorldShape

PERIODS = [(), (2,), (4,), (12,), (7, 365), (24, 168), (52,)]


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("periods", PERIODS)
def test_series_have_their_shape_and_move(name, periods):
    shape = WorldShape(40, 90, periods, alike=0.5)
    values = WORLDS[name].draw(shape, np.random.default_rng(1))
    assert values.shape == (40, 90)
    assert values.dtype == np.float64
    good = np.isfinite(values).all(axis=1)
    assert good.mean() > 0.9
    assert (np.ptp(values[good], axis=1) > 0).mean() > 0.8


@pytest.mark.parametrize("name", WORLDS)
def test_the_same_generator_state_gives_the_same_series(name):
    shape = WorldShape(20, 60, (12,), alike=0.3)
    first, again, other = (WORLDS[name].draw(shape, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize("name", WORLDS)
def test_nothing_global_is_used(name):
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    WORLDS[name].draw(WorldShape(5, 30, (4,)), np.random.default_rng(0))
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


@pytest.mark.parametrize("name", WORLDS)
def test_a_name_leads_to_its_family(name):
    assert WORLDS[name].name == name
    assert type(WORLDS[name]).__doc__


@settings(max_examples=40)
@given(
    name=st.sampled_from(sorted(WORLDS)),
    series=st.integers(1, 9),
    steps=st.integers(5, 60),
    periods=st.sampled_from([*PERIODS, (3,), (59,)]),
    alike=st.floats(0, 1),
    seed=st.integers(0, 2**63),
)
def test_every_shape_can_be_drawn(name, series, steps, periods, alike, seed):
    values = WORLDS[name].draw(WorldShape(series, steps, periods, alike=alike), np.random.default_rng(seed))
    assert values.shape == (series, steps)
