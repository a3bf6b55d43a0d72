import numpy as np
import pytest

from tsseq2seq.pretraining.frequencies import FREQUENCIES, weighted_choice


@pytest.mark.parametrize("name", FREQUENCIES)
def test_a_frequency_has_a_step_and_periods_shortest_first(name):
    frequency = FREQUENCIES[name]
    assert frequency.name == name
    assert (frequency.months > 0) != (frequency.minutes > 0)
    for periods, share in frequency.periods:
        assert list(periods) == sorted(set(periods))
        assert all(period > 1 for period in periods)
        assert share > 0


@pytest.mark.parametrize("name", FREQUENCIES)
def test_its_calendar_steps_as_it_says(name):
    frequency = FREQUENCIES[name]
    stamps = frequency.draw_calendar(np.random.default_rng(0)).stamps(3)
    expected = frequency.minutes if frequency.minutes else frequency.months * 30.5 * 1440
    assert (stamps[2] - stamps[1]).astype(int) == pytest.approx(expected, rel=0.03)


def test_choices_come_by_their_shares():
    rng = np.random.default_rng(0)
    chosen = np.bincount([weighted_choice(rng, [1, 0, 3]) for _ in range(4000)], minlength=3)
    assert chosen / 4000 == pytest.approx([0.25, 0, 0.75], abs=0.03)
