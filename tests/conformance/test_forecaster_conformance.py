"""What every forecaster must do, whatever it is made of.

The combinations are a fixed sample in which every pair of options meets at least once.
"""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from tsseq2seq import Network, Normal, Point, Quantiles, Seq2SeqForecaster, StudentT, Training, load

HORIZON = 5

OPTIONS = {
    "output": [Point(), Point("mse"), Quantiles([0.1, 0.5, 0.9]), Normal(), StudentT()],
    "cell": ["lstm", "gru", "rnn"],
    "decoding": ["autoregressive", "parallel"],
    "scaling": ["window", "robust", "series", "log1p", "none"],
    "attention": [None, "additive", "dot"],
    "segment_length": [None, 1, 3],
    "residual": ["season", "segment", "value", None],
    "bidirectional": [False, True],
}


def combinations() -> list[dict]:
    """Combinations drawn until all pairs of options have met; of several the one with most new pairs."""
    rng = random.Random(0)
    names = list(OPTIONS)

    def pairs(values: tuple[int, ...]) -> set[tuple[int, int, int, int]]:
        return {(a, values[a], b, values[b]) for a, b in itertools.combinations(range(len(names)), 2)}

    sizes = [len(choices) for choices in OPTIONS.values()]
    open_pairs = set().union(*(pairs(values) for values in itertools.product(*map(range, sizes))))
    found = []
    while open_pairs:
        drawn = [tuple(rng.randrange(size) for size in sizes) for _ in range(50)]
        best = max(drawn, key=lambda values: len(pairs(values) & open_pairs))
        if pairs(best) & open_pairs:
            open_pairs -= pairs(best)
            found.append({name: OPTIONS[name][place] for name, place in zip(names, best, strict=True)})
    return found


def panel() -> pd.DataFrame:
    """A season, a gap, a constant, a series shorter than a segment, and a single observation."""
    rng = np.random.default_rng(0)
    wave = 20 + 5 * np.sin(2 * np.pi * np.arange(48) / 6) + rng.normal(size=48)
    series = {"wave": wave, "gap": np.r_[wave[:10], [np.nan] * 4, wave[14:30]], "flat": np.full(20, 3.25)}
    series |= {"short": wave[:2], "one": np.array([7.5])}
    parts = [
        pd.DataFrame({"unique_id": name, "ds": pd.date_range("2024-01-01", periods=len(y), freq="D"), "y": y})
        for name, y in series.items()
    ]
    return pd.concat(parts, ignore_index=True)


DF = panel()


def name_of(options: dict) -> str:
    return "-".join(
        str(value).replace("Quantiles(levels=[0.1, 0.5, 0.9])", "Quantiles") for value in options.values()
    )


@pytest.fixture(scope="module", params=combinations(), ids=name_of)
def fitted(request: pytest.FixtureRequest) -> Seq2SeqForecaster:
    options = dict(request.param)
    network = {
        name: options.pop(name) for name in ("cell", "decoding", "attention", "residual", "bidirectional")
    }
    return Seq2SeqForecaster(
        HORIZON,
        network=Network(hidden_size=6, **network),
        training=Training(max_steps=3, progress=False, precision="float32"),
        **options,
    ).fit(DF)


def forecast_columns(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[name for name in frame.columns if name.startswith("Seq2Seq")]]


def test_forecasts_are_finite_rows_for_each_series_and_step(fitted: Seq2SeqForecaster) -> None:
    forecast = fitted.predict()
    assert forecast["unique_id"].tolist() == np.repeat(DF["unique_id"].unique(), HORIZON).tolist()
    assert np.isfinite(forecast_columns(forecast)).all(axis=None)
    assert np.isfinite(fitted.history_["loss"]).all()
    if fitted.scaling != "none":
        flat = forecast_columns(forecast[forecast["unique_id"] == "flat"])
        np.testing.assert_allclose(flat, 3.25, rtol=1e-12)


def test_intervals_enclose_the_point(fitted: Seq2SeqForecaster) -> None:
    forecast = fitted.predict()
    levels = sorted({float(name.rsplit("-", 1)[1]) for name in forecast.columns if "-hi-" in name})
    assert bool(levels) == (not isinstance(fitted.output, Point))
    inner_low = inner_high = forecast["Seq2Seq"]
    for level in levels:
        low, high = forecast[f"Seq2Seq-lo-{level:g}"], forecast[f"Seq2Seq-hi-{level:g}"]
        assert (low <= inner_low).all()
        assert (high >= inner_high).all()
        inner_low, inner_high = low, high


def test_the_training_frame_is_forecast_as_if_it_were_new(fitted: Seq2SeqForecaster) -> None:
    pd.testing.assert_frame_equal(fitted.predict(DF), fitted.predict(), check_exact=True)


def test_a_series_alone_is_forecast_the_same(fitted: Seq2SeqForecaster) -> None:
    together = fitted.predict(levels=[]).set_index("unique_id")["Seq2Seq"]
    for name in ("wave", "short", "one"):
        alone = fitted.predict(DF[DF["unique_id"] == name], levels=[]).set_index("unique_id")["Seq2Seq"]
        # sample paths are other draws in another batch
        tolerance = 1e-4 if not fitted.output.sampled else 3.0
        np.testing.assert_allclose(alone, together.loc[name], rtol=1e-4, atol=tolerance)


def test_saved_and_loaded_it_is_the_same_to_the_bit(fitted: Seq2SeqForecaster, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    pd.testing.assert_frame_equal(loaded.predict(), fitted.predict(), check_exact=True)


def test_a_clone_fitted_again_is_the_same_to_the_bit(fitted: Seq2SeqForecaster) -> None:
    again = clone(fitted).fit(DF)
    pd.testing.assert_frame_equal(again.predict(), fitted.predict(), check_exact=True)


def test_a_shorter_horizon_is_a_prefix(fitted: Seq2SeqForecaster) -> None:
    full = fitted.predict(levels=[])
    prefix = fitted.predict(horizon=2, levels=[])
    expected = full.groupby("unique_id", sort=False).head(2)["Seq2Seq"]
    tolerance = 1e-5 if not fitted.output.sampled else 3.0
    np.testing.assert_allclose(prefix["Seq2Seq"], expected, rtol=1e-4, atol=tolerance)
