"""Sample paths, intervals and scenarios of a series are its own: whatever stands beside it, or comes later."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.seams.test_own_output_and_loss import Laplace
from tsseq2seq import (
    Binned,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
    Tweedie,
    ZeroInflatedNegativeBinomial,
)
from tsseq2seq.nn.outputs import Output

HORIZON = 3
NAMES = ["b", "a", "7", "d"]


def history(lengths: dict[str, int], seed: int = 0) -> pd.DataFrame:
    pieces = []
    for name, length in lengths.items():
        generator = np.random.default_rng([seed, *name.encode()])
        y = generator.poisson(6 + 4 * np.sin(np.arange(length))).astype(float)
        pieces.append(
            pd.DataFrame({"unique_id": name, "ds": pd.date_range("2024-01-01", periods=length), "y": y})
        )
    return pd.concat(pieces, ignore_index=True)


DF = history(dict.fromkeys(NAMES, 40))
OUTPUTS: dict[str, tuple[Output, dict]] = {
    "point": (Point(), {}),
    "quantiles": (Quantiles(), {}),
    "normal": (Normal(), {}),
    "normal in segments, two members": (Normal(), {"segment_length": 2, "members": 2}),
    "student-t": (StudentT(), {}),
    "student-t in segments": (StudentT(), {"segment_length": 2}),
    "student-t, all steps at once": (StudentT(), {"decoding": "parallel"}),
    "negative binomial": (NegativeBinomial(), {}),
    "mean of counts": (NegativeBinomial(centre="mean"), {}),
    "zero-inflated": (ZeroInflatedNegativeBinomial(), {}),
    "tweedie": (Tweedie(), {}),
    "mean of amounts": (Tweedie(centre="mean"), {"decoding": "parallel"}),
    "binned": (Binned(bins=9), {}),
    "written elsewhere": (Laplace(), {}),
}


@pytest.fixture(scope="module", params=OUTPUTS.values(), ids=OUTPUTS.keys())
def model(request: pytest.FixtureRequest) -> Seq2SeqForecaster:
    output, options = request.param
    given = dict(options)
    training = Training(max_steps=3, members=given.pop("members", 1), progress=False, precision="float32")
    network = Network(hidden_size=6, decoding=given.pop("decoding", "autoregressive"))
    return Seq2SeqForecaster(
        HORIZON, output=output, training=training, network=network, context_length=8, **given
    ).fit(DF)


def close(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        one.reset_index(drop=True), other.reset_index(drop=True), rtol=1e-4, atol=1e-4, check_dtype=False
    )


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(NAMES), count=st.integers(1, 4), seed=st.integers(0, 3))
def test_a_series_alone_in_a_crowd_and_in_any_order(
    model: Seq2SeqForecaster, order: list[str], count: int, seed: int
) -> None:
    df = history({name: 20 + 5 * place for place, name in enumerate(NAMES)}, seed)
    chosen = pd.concat([df[df["unique_id"] == name] for name in order[:count]])
    together, some = model.predict(df), model.predict(chosen)
    for name in order[:count]:
        close(together[together["unique_id"] == name], some[some["unique_id"] == name])
    if model.output_.sampled:
        paths, few = model.sample(df, num_samples=7), model.sample(chosen, num_samples=7)
        for name in order[:count]:
            close(paths[paths["unique_id"] == name], few[few["unique_id"] == name])


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_comes_after_a_cutoff_moves_nothing_before_it(
    model: Seq2SeqForecaster, data: st.DataObject
) -> None:
    df = history({"a": 30, "b": 30}, 5)
    cutoffs = model.predict_cutoffs(df, windows=5, step=2)
    names = [name for name in cutoffs if str(name).startswith("Seq2Seq")]
    row = data.draw(st.integers(20, 29))
    changed = df.copy()
    changed.loc[changed.index % 30 >= row, "y"] = data.draw(st.integers(0, 1000))
    again = model.predict_cutoffs(changed, windows=5, step=2)
    known = cutoffs["cutoff"] < df["ds"][row]
    close(cutoffs.loc[known, names], again.loc[known, names])
    close(cutoffs.loc[~known, ["ds"]], again.loc[~known, ["ds"]])


def test_another_seed_other_paths(model: Seq2SeqForecaster) -> None:
    if not model.output_.sampled:
        pytest.skip("nothing is drawn")
    paths = model.sample(num_samples=5)["Seq2Seq"]
    before = model.seed
    try:
        model.seed = 11
        assert (model.sample(num_samples=5)["Seq2Seq"] != paths).any()
    finally:
        model.seed = before


def test_series_and_cutoffs_have_noise_of_their_own() -> None:
    """Two series of the same values, and two cutoffs after the same values, do not draw the same."""
    one = history({"a": 40})
    twins = pd.concat([one, one.assign(unique_id="twin")])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = Seq2SeqForecaster(
            HORIZON, output=Normal(), training=Training(max_steps=3, progress=False), seed=1
        ).fit(twins)
    paths = model.sample(num_samples=50)
    first, second = (paths.loc[paths["unique_id"] == name, "Seq2Seq"].to_numpy() for name in ("a", "twin"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.9
    assert len(np.unique(first.reshape(50, HORIZON)[:, 0])) == 50
