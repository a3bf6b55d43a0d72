"""Log1p against numpy, up to the ends of what floats hold; and which values it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.data.scaling.log1p import Log1p
from tsseq2seq.errors import DataError


@pytest.mark.parametrize("name", ["noise", "gaps", "outlier"])
def test_log1p_equals_numpy(name: str, series, batch_of, scaled) -> None:
    values = np.abs(series[name])
    logarithms = np.log1p(values[~np.isnan(values)])
    expected = (logarithms - logarithms.mean()) / logarithms.std()
    np.testing.assert_allclose(scaled(batch_of(values), "log1p"), expected, atol=2e-5)


@pytest.mark.parametrize("first", [12.34, 0.1, 50.63, 1 / 3, 1e5 / 7, 3e7 + 3, 1e30])
def test_a_zero_among_logarithms_is_a_zero(first: float, panel_of, batch_of, scale_of) -> None:
    """The panel knows a value to what float32 loses of its distance from the first one."""
    panel = panel_of([first, 0.0, 2 * first, 0.0])
    Log1p().check(panel)
    batch = batch_of([first, 0.0, 2 * first, 0.0])
    scale = scale_of(batch, "log1p")
    numbers = scale.transform(batch.context)
    assert not scale.flat.any()
    assert numbers.isfinite().all()
    back = scale.inverse(numbers).flatten().tolist()
    assert back == pytest.approx([first, 0.0, 2 * first, 0.0], rel=1e-4, abs=1e-6)
    expected = np.log1p([first, 0.0, 2 * first, 0.0])
    expected = (expected - expected.mean()) / expected.std()
    np.testing.assert_allclose(numbers.flatten(), expected, atol=1e-4)


def test_no_logarithm_is_so_large_that_its_exponential_is_infinite(batch_of, scale_of) -> None:
    scale = scale_of(batch_of([1.0, 1e6, 0.0, 1e6]), "log1p")
    assert scale.inverse(torch.tensor([[[1e4], [1e30], [-1e30]]])).isfinite().all()


@pytest.mark.parametrize("context", [[1e30, 1.0, -1 + 1e-12, 1e30], [-1 + 1e-12] * 4], ids=["varies", "flat"])
def test_what_no_float_holds_is_a_finite_logarithm(context: list[float], batch_of, scale_of) -> None:
    """1e30 is 1e42 times as large as 1 + the lowest value."""
    batch = batch_of([1e30, *context], 4)
    far = ((1e30 - batch.origin) / batch.unit).float()[:, None]
    scale = scale_of(batch, "log1p")
    assert scale.transform(batch.context).isfinite().all()
    assert scale.transform(far).isfinite().all()
    if scale.flat.all():
        assert (scale.transform(far) == 0).all()


class TestCheck:
    """log(1 + y) needs values above −1; the refusal says which is not."""

    @pytest.mark.parametrize("value", [-1.0, -1.5, -1e30])
    def test_values_that_have_no_logarithm_are_refused(self, value: float, panel_of) -> None:
        panel = panel_of([1.0, 2.0, 3.0, value], ["a", "a", "b", "b"])
        message = rf"scaling is 'log1p', but series 'b' is {value:g} at 3; all values must be above -1"
        with pytest.raises(DataError, match=message.replace("+", r"\+")):
            Log1p().check(panel)

    def test_values_just_above_are_admitted(self, panel_of) -> None:
        Log1p().check(panel_of([-0.99, 0.0, np.nan, 1e30]))
