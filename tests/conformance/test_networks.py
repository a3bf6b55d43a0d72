"""Every admissible network trains, saves, loads and predicts the same, in a forecaster and a translator.

All combinations of encoder, attention, position and decoding form are built, and in a slow test those with
every cell and context. In those that are trained, every admissible pair of settings meets; a slow test trains
a product.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Network, Point, Seq2SeqForecaster, Seq2SeqTranslator, Training, load
from tsseq2seq.errors import ParameterError, TrainingWarning
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nn.cells import CELLS
from tsseq2seq.nn.encoders import ENCODERS
from tsseq2seq.translation.network import TokenShape, build_translator

#: One set of settings for each value of an axis.
AXES: dict[str, dict[str, dict[str, Any]]] = {
    "encoder": {
        "recurrent": {},
        "both ways": {"bidirectional": True},
        "reversed": {"reversed_source": True},
        "convolutional": {"encoder": "convolutional"},
        "causal convolutional": {"encoder": "convolutional", "causal": True, "reversed_source": True},
        "attention": {"encoder": "attention"},
        "learned positions": {"encoder": "attention", "positions": "learned", "causal": True},
        "convolutional+recurrent": {"encoder": "convolutional+recurrent", "bidirectional": True},
    },
    "cell": {name: {"cell": name} for name in ("lstm", "gru", "rnn", "mingru", "slstm")},
    "attention": {
        "none": {},
        **{
            name: {"attention": name}
            for name in ("additive", "dot", "general", "concat", "scaled", "multihead", "location")
        },
    },
    "position": {"after": {}, "before": {"attention_position": "before"}},
    "context": {name: {"context": name} for name in ("last", "mean", "max", "attention")},
    "form": {
        "first state alone": {"feed_output": False},
        "context at every step": {"feed_output": False, "feed_context": True},
        "context and previous output": {"feed_context": True},
        "previous output": {},
        "output reads both": {"output_reads": "previous+context"},
        "parallel": {"decoding": "parallel", "feed_context": True},
    },
}
#: What only the trained ones vary as well.
MORE_AXES: dict[str, dict[str, dict[str, Any]]] = {
    **AXES,
    "alignment": {
        "none": {},
        "monotonic": {"attention_alignment": "monotonic", "attention_window": 2},
        "predicted": {"attention_alignment": "predicted"},
    },
    "first state": {name: {"initial_state": name} for name in ("encoder", "zeros", "learned")},
    "copying": {"none": {}, "copies": {"copy": True}},
    "feeding": {"none": {}, "input": {"input_feeding": True}, "coverage": {"attention_coverage": True}},
    "sizes": {"one layer": {}, "wide": {"decoder_hidden_size": 8, "num_layers": 2, "context_size": 3}},
}


def settings_of(row: dict[str, str]) -> dict[str, Any]:
    merged: dict[str, Any] = {"hidden_size": 4}
    for axis, value in row.items():
        merged |= MORE_AXES[axis][value]
    return merged


def is_admissible(row: dict[str, str]) -> bool:
    """What may be had together, said here once more and otherwise than in the library."""
    attention, form = row["attention"], row["form"]
    if attention == "none" and (
        row["position"] == "before"
        or row.get("alignment", "none") != "none"
        or row.get("feeding", "none") != "none"
        or row.get("copying", "none") != "none"
    ):
        return False
    feeding = row.get("feeding", "none")
    if feeding == "coverage" and attention not in ("additive", "general", "concat"):
        return False
    copies = row.get("copying", "none") != "none"
    if form == "parallel" and (feeding != "none" or copies or attention == "location"):
        return False
    enters = row.get("first state", "encoder") == "encoder" or form not in (
        "first state alone",
        "previous output",
    )
    plain = row["context"] == "last" and row.get("sizes") != "wide"
    return enters or (attention != "none" and plain)


def rows_of(axes: dict[str, dict[str, dict[str, Any]]]) -> list[dict[str, str]]:
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


def pairwise(axes: dict[str, dict[str, dict[str, Any]]]) -> list[dict[str, str]]:
    """Admissible rows in which every admissible pair of two axes meets."""
    rng = random.Random(0)
    candidates = [row for row in (draw(axes, rng) for _ in range(4000)) if is_admissible(row)]
    waiting = {pair for row in candidates for pair in pairs_of(row)}
    rows = []
    while waiting:
        best = max(rng.sample(candidates, 300), key=lambda row: len(waiting & pairs_of(row)))
        if not waiting & pairs_of(best):
            best = max(candidates, key=lambda row: len(waiting & pairs_of(row)))
        waiting -= pairs_of(best)
        rows.append(best)
    return rows


def draw(axes: dict[str, dict[str, dict[str, Any]]], rng: random.Random) -> dict[str, str]:
    return {axis: rng.choice(list(values)) for axis, values in axes.items()}


def pairs_of(row: dict[str, str]) -> set[tuple[Any, ...]]:
    return set(itertools.combinations(row.items(), 2))


def name_of(row: dict[str, str]) -> str:
    return "-".join(row.values())


TRAINED = pairwise(MORE_AXES)
PRODUCT = [row for row in rows_of(AXES) if is_admissible(row)]


def test_all_encoders_and_cells_take_part() -> None:
    encoders = {settings.get("encoder", "recurrent") for settings in AXES["encoder"].values()}
    assert encoders >= {name for name in ENCODERS if ENCODERS[name].__module__.startswith("tsseq2seq")}
    assert set(AXES["cell"]) >= {name for name in CELLS if CELLS[name].__module__.startswith("tsseq2seq")}


def test_what_is_refused_is_what_makes_no_sense() -> None:
    """Of thousands of combinations, those that are refused are the ones said above, and no others."""
    rng = random.Random(1)
    rows = [draw(MORE_AXES, rng) for _ in range(3000)]
    refused = 0
    for row in rows:
        try:
            Network(**settings_of(row))
            accepted = True
        except ParameterError as refusal:
            accepted, message = False, str(refusal)
            named = [name for name in Network().get_params() if f"{name} is " in message]
            assert len(named) >= 2, message
        assert accepted == is_admissible(row), row
        refused += not accepted
    assert 300 < refused < 2700


def is_built(rows: list[dict[str, str]]) -> None:
    """Build networks for series and for tokens, without weights; a step of each form runs elsewhere."""
    series, tokens = SeriesShape(segment_length=2, steps=2), TokenShape(9, 9)
    with torch.device("meta"):
        for row in rows:
            learned = {"num_positions": 9} if row["encoder"] == "learned positions" else {}
            network = Network(**settings_of(row) | learned, residual=None)
            built = [build_forecaster(network, Point(), series)]
            if network.decoding != "parallel":
                built.append(build_translator(network, tokens))
            for model in built:
                in_one_pass = row["position"] == "after" and row["form"] != "parallel"
                assert model.decoder.fused == (in_one_pass and row["attention"] != "location")


def test_every_admissible_combination_is_built() -> None:
    """Of encoder, attention, position and form, each with some cell and context; the slow test builds all."""
    met: dict[tuple[str, ...], dict[str, str]] = {}
    for row in random.Random(2).sample(PRODUCT, len(PRODUCT)):
        met.setdefault(tuple(row[axis] for axis in ("encoder", "attention", "position", "form")), row)
    assert len(met) == 8 * (1 + 6 * 2) * 6 + 8 * 2 * 5
    is_built(list(met.values()))


@pytest.mark.slow
@pytest.mark.parametrize("encoder", AXES["encoder"])
def test_the_whole_product_is_built(encoder: str) -> None:
    is_built([row for row in PRODUCT if row["encoder"] == encoder])


@pytest.fixture(scope="module")
def series() -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=40, freq="D")
    wave = np.sin(np.arange(40) * 2 * np.pi / 7)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": days[-length:], "y": 5 + wave[-length:]})
        for name, length in (("long", 40), ("short", 15))
    ]
    return pd.concat(parts, ignore_index=True)


SOURCES, TARGETS = (
    ["abca", "b", "cab", "acbb", "cc", "bca"] * 2,
    ["acba", "b", "bac", "bbca", "cc", "acb"] * 2,
)
TWO_STEPS = Training(max_steps=2, batch_size=4, progress=False, device="cpu")


def forecasts_the_same(network: Network, series: pd.DataFrame, path) -> None:
    model = Seq2SeqForecaster(
        4,
        context_length=12,
        segment_length=2,
        network=network,
        training=TWO_STEPS,
        seed=0,
        network_share=1.0,
    ).fit(series)
    forecast = model.predict()
    assert np.isfinite(forecast["Seq2Seq"]).all()
    model.save(path)
    pd.testing.assert_frame_equal(load(path).predict(), forecast, check_exact=True)


def translates_the_same(network: Network, path) -> None:
    model = Seq2SeqTranslator(tokenizer="char", network=network, training=TWO_STEPS, seed=0)
    model.fit(SOURCES, TARGETS)
    found = model.translate(SOURCES[:4], max_length=5)
    model.save(path)
    again = load(path).translate(SOURCES[:4], max_length=5)
    for ours, theirs in zip(found, again, strict=True):
        assert ours[0].tokens == theirs[0].tokens
        assert ours[0].log_probability == theirs[0].log_probability
        assert np.isfinite(ours[0].log_probability)


def goes_all_the_way(row: dict[str, str], series: pd.DataFrame, tmp_path) -> None:
    network = Network(**settings_of(row))
    with warnings.catch_warnings():
        # a few steps of a convolution are all that some of these see
        warnings.simplefilter("ignore", TrainingWarning)
        # what a forecaster writes are no words
        of_series = dataclasses.replace(network, copy=False)
        forecasts_the_same(of_series, series, tmp_path / "forecaster")
        if row["form"] != "parallel":
            translates_the_same(network, tmp_path / "translator")


@pytest.mark.parametrize("row", TRAINED, ids=name_of)
def test_it_trains_saves_loads_and_predicts_the_same(row: dict[str, str], series, tmp_path) -> None:
    goes_all_the_way(row, series, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", AXES["encoder"])
def test_a_product_trains_saves_loads_and_predicts_the_same(encoder: str, series, tmp_path) -> None:
    rows = [row for row in PRODUCT if row["encoder"] == encoder and row["cell"] in ("lstm", "slstm")]
    for row in rows[::7]:
        goes_all_the_way(row, series, tmp_path)
