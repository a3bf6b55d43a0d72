"""How errors grow, and how they are distributed, held against numpy and against what was drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.smoothing.error_shape import ErrorShape


def drawn(count: int = 20_000, horizon: int = 4) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, horizon, generator=generator, dtype=torch.float64)


def test_quantiles_are_those_of_the_errors() -> None:
    errors = drawn()
    shape = ErrorShape.learned(errors, torch.ones_like(errors), 4)
    offsets = shape.offsets([0.05, 0.5, 0.95], 4).numpy()
    assert offsets[0] == pytest.approx(np.quantile(errors.numpy(), [0.05, 0.5, 0.95]), abs=0.05)


@pytest.mark.parametrize("horizons", [1, 2, 5, 100])
def test_few_horizons_widen_intervals(horizons: int) -> None:
    errors = drawn()
    seen = torch.ones_like(errors)
    plain, wide = (ErrorShape.learned(errors, seen, 4, horizons=count) for count in (0, horizons))
    ratio = wide.offsets([0.05, 0.95], 4) / plain.offsets([0.05, 0.95], 4)
    assert ratio.numpy() == pytest.approx(np.sqrt(1 + 1 / horizons))


def test_a_common_shift_of_few_horizons_is_covered() -> None:
    # 400 series share a normal shift in each of five horizons: what comes is a sixth draw of it
    generator = np.random.default_rng(0)
    inside, plain = [], []
    for _ in range(300):
        shifts = generator.normal(0, 1, 6)
        errors = torch.from_numpy((shifts[:5, None] + generator.normal(0, 0.5, (5, 400))).reshape(-1, 1))
        comes = shifts[5] + generator.normal(0, 0.5, 400)
        for horizons, found in ((5, inside), (0, plain)):
            shape = ErrorShape.learned(errors, torch.ones_like(errors), 1, horizons=horizons)
            low, high = shape.offsets([0.05, 0.95], 1)[0].tolist()
            found.append(((comes >= low) & (comes <= high)).mean())
    assert np.mean(plain) < np.mean(inside) <= 0.92


def test_further_than_learned_errors_grow_on() -> None:
    errors = drawn()
    shape = ErrorShape.learned(errors, torch.ones_like(errors), 4)
    high = shape.offsets([0.9], 16)[:, 0]
    assert (high.diff() >= 0).all()
    assert float(high[15] / high[3]) == pytest.approx(2.0)
