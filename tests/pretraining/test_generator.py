import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from tsseq2seq.errors import ParameterError
from tsseq2seq.pretraining.generator import Generator
from tsseq2seq.pretraining.worlds import WORLDS

SMALL = Generator(series=24, longest=120)


@settings(max_examples=60)
@given(st.integers(0, 2**63))
def test_every_seed_gives_a_panel_to_learn_from(seed):
    panel = SMALL.panel(seed)
    values, known = panel.values, panel.known
    assert values.shape[0] == len(panel.families) == 24
    assert known[:, :].sum(axis=1).min() >= 4
    low, high = np.nanmin(values, axis=1), np.nanmax(values, axis=1)
    assert np.isfinite(low).all()
    assert (low < high).all()
    assert np.abs(values[known]).max() <= 1e8
    assert values.shape[1] >= 2 * min(panel.periods, default=1)


def test_the_same_seed_gives_the_same_panel_bit_by_bit():
    for seed in range(12):
        first, again = SMALL.panel(seed), Generator(series=24, longest=120).panel(seed)
        assert first.values.tobytes() == again.values.tobytes()
        assert (first.frequency, first.periods, first.families) == (
            again.frequency,
            again.periods,
            again.families,
        )
        assert first.calendar == again.calendar


def test_nothing_global_is_used():
    expected = SMALL.panel(3).values.tobytes()
    np.random.seed(7)  # noqa: NPY002
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    assert SMALL.panel(3).values.tobytes() == expected
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


def test_panels_are_of_all_frequencies_families_and_lengths():
    panels = [SMALL.panel(seed) for seed in range(150)]
    assert len({panel.frequency for panel in panels}) >= 7
    assert {family for panel in panels for family in panel.families} == set(WORLDS)
    steps = [panel.values.shape[1] for panel in panels]
    assert min(steps) < 20
    assert np.quantile(steps, 0.9) > 90


def test_half_of_the_panels_are_of_one_or_two_families():
    few = [len(set(SMALL.panel(seed).families)) <= 2 for seed in range(150)]
    assert 0.38 < np.mean(few) < 0.62


def test_values_are_missing_in_some_panels():
    panels = [
        Generator(series=24, longest=120, missing=share).panel(seed)
        for share in (0.0, 1.0)
        for seed in range(20)
    ]
    inside = [(np.diff(panel.known.astype(int), axis=1) < 0).any() for panel in panels]
    assert not any(inside[:20])
    assert np.mean(inside[20:]) > 0.8


def test_shares_choose_families_and_frequencies():
    panel = Generator(
        series=10, frequencies={"monthly": 2.0}, families={"random walk": 0.1, "volatile": 0.0}
    ).panel(0)
    assert panel.frequency == "monthly"
    assert set(panel.families) == {"random walk"}


def test_series_that_cannot_be_used_are_drawn_again(monkeypatch):
    class Broken(type(WORLDS["volatile"])):
        calls = 0

        def draw(self, shape, rng):
            self.calls += 1
            values = super().draw(shape, rng)
            values[::2] = 1.0
            values[1::4, 3] = np.nan
            return values

    broken = Broken()
    monkeypatch.setitem(WORLDS, "volatile", broken)
    panel = Generator(series=32, families={"volatile": 1.0}, missing=0.0).panel(0)
    assert broken.calls > 2
    assert set(panel.families) <= {"volatile", "random walk"}
    assert (np.nanmin(panel.values, axis=1) < np.nanmax(panel.values, axis=1)).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"series": 0},
        {"shortest": 3},
        {"shortest": 20, "longest": 10},
        {"frequencies": {"fortnightly": 1.0}},
        {"families": {"astrology": 1.0}},
        {"families": {"volatile": 0.0}},
        {"families": {"volatile": -1.0, "random walk": 2.0}},
        {"frequencies": {}},
        {"alike": 1.5},
        {"missing": -0.1},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        Generator(**wrong)


def test_years_are_not_counted_for_centuries_unless_asked_for():
    yearly = {"yearly": 1.0}
    assert max(Generator(series=2, frequencies=yearly).panel(k).values.shape[1] for k in range(40)) <= 120
    assert Generator(series=2, frequencies=yearly, shortest=200, longest=200).panel(0).values.shape[1] == 200


def test_no_calendar_is_at_work_where_dates_mean_nothing():
    families = {"calendar effects": 5.0, "structural": 1.0}
    undated = Generator(series=200, frequencies={"any": 1.0}, families=families, alike=0.0).panel(0)
    dated = Generator(series=200, frequencies={"daily": 1.0}, families=families, alike=0.0).panel(0)
    assert set(undated.families) == {"structural"}
    assert dated.families.count("calendar effects") > 120


def test_a_negative_seed_is_refused():
    with pytest.raises(ParameterError, match="seed is -1"):
        SMALL.panel(-1)


@pytest.mark.slow
def test_two_thousand_series_of_250_steps_take_less_than_a_second():
    import time

    panels = [Generator().panel(seed) for seed in range(3)]  # imports
    start = time.process_time()
    panels = [Generator().panel(seed) for seed in range(20, 50)]
    seconds = time.process_time() - start
    assert sum(panel.values.size for panel in panels) / 250 / seconds > 2000
