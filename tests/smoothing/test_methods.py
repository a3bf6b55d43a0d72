"""The methods' forecasts and states against their recursions."""

from __future__ import annotations

import numpy as np
import torch

from tsseq2seq.smoothing.methods import Methods
from tsseq2seq.smoothing.states import smoothed_states

MEMBERS = Methods()


def smoothed(rng, missing: float = 0.0):
    values, observed = rng.normal(size=(3, 25)).cumsum(1), rng.random((3, 25)) >= missing
    observed[:, 0] = True
    return values, observed, smoothed_states(torch.from_numpy(values), torch.from_numpy(observed), MEMBERS)


def test_states_and_forecasts_are_those_of_the_recursions(definitions) -> None:
    values, observed, found = smoothed(np.random.default_rng(0), missing=0.3)
    for row in range(3):
        for step, wanted in enumerate(definitions["states"](values[row], observed[row])):
            at = found.at(torch.tensor([row]), torch.tensor([step]))
            made = MEMBERS.forecasts(at, torch.tensor([1.0, 4.0], dtype=torch.float64))[0]
            np.testing.assert_allclose(made, [wanted.forecasts(1), wanted.forecasts(4)], rtol=1e-9, atol=1e-9)


def test_the_combined_numbers_forecast_the_weighted_mean_of_all_methods() -> None:
    rng = np.random.default_rng(1)
    _, _, found = smoothed(rng)
    states = found.at(torch.tensor([0, 2, 1]), torch.tensor([24, 7, 2]))
    weights = torch.from_numpy(rng.dirichlet(np.ones(MEMBERS.count), size=3))
    steps = torch.arange(1, 6, dtype=torch.float64)
    mean = (MEMBERS.forecasts(states, steps) * weights[:, None]).sum(-1)
    torch.testing.assert_close(MEMBERS.forecast(MEMBERS.combined(states, weights), steps), mean)


def test_a_straight_line_is_continued_with_the_whole_slope_however_much_the_level_lags() -> None:
    line = 3 + 2 * torch.arange(40, dtype=torch.float64)[None]
    found = smoothed_states(line, torch.ones(1, 40, dtype=torch.bool), MEMBERS)
    states = found.at(torch.tensor([0]), torch.tensor([39]))
    made = MEMBERS.forecasts(states, torch.tensor([1.0, 5.0], dtype=torch.float64))[0]
    whole = slice(2 * len(MEMBERS.levels), 3 * len(MEMBERS.levels))
    torch.testing.assert_close(made[0, whole], torch.full((8,), 3 + 2 * 40.0, dtype=torch.float64))
    torch.testing.assert_close(made[1, whole], torch.full((8,), 3 + 2 * 44.0, dtype=torch.float64))


def test_the_last_level_is_the_naive_forecast() -> None:
    values, _, found = smoothed(np.random.default_rng(2))
    torch.testing.assert_close(found.level[..., -1], torch.from_numpy(values))
    assert not found.lag[..., -1].any()
