"""One target of several, in the form that one target has."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Quantiles, Seq2SeqForecaster, Training, backtest, evaluate, for_target
from tsseq2seq.errors import ParameterError, ParameterTypeError

TARGETS = [
    ["load", "price"],
    ["load", "load-net"],
    ["load-net", "load"],
    ["a-b", "a", "a-b-c"],
    ["zone-lo-1", "other"],
    ["low-lo-res", "low"],
    ["hi-9", "lo-9"],
    ["loads", "load"],
]


def several(targets: list[str], *, levels: tuple[float, ...] = (), truth: bool = False) -> pd.DataFrame:
    """Return a forecast of several targets; each column holds numbers of its own."""
    columns: dict[str, object] = {"unique_id": ["b", "b", "a"], "ds": [1, 2, 1]}
    if truth:
        columns["cutoff"] = [0, 0, 0]
        columns |= {name: [1e3 * number, 1, 2] for number, name in enumerate(targets)}
    for number, name in enumerate(targets):
        columns[f"Seq2Seq-{name}"] = [100.0 * number, 1.0, 2.0]
        for level in levels:
            for side, sign in (("lo", -1), ("hi", 1)):
                columns[f"Seq2Seq-{name}-{side}-{level:g}"] = [100.0 * number + sign * level, 1.0, 2.0]
    return pd.DataFrame(columns)


@pytest.mark.parametrize("targets", TARGETS, ids="+".join)
@pytest.mark.parametrize("levels", [(), (80,), (80, 97.5)], ids=str)
@pytest.mark.parametrize("truth", [False, True], ids=["forecast", "backtest"])
def test_each_target_has_its_columns(targets: list[str], levels: tuple[float, ...], truth: bool) -> None:
    frame = several(targets, levels=levels, truth=truth)
    before = frame.copy(deep=True)
    for number, target in enumerate(targets):
        one = for_target(frame, target)
        head = ["unique_id", "ds", *(["cutoff", target] if truth else [])]
        bounds = [f"Seq2Seq-{side}-{level:g}" for level in levels for side in ("lo", "hi")]
        assert one.columns.tolist() == [*head, "Seq2Seq", *bounds]
        assert one["Seq2Seq"].iloc[0] == 100.0 * number
        for level in levels:
            assert one[f"Seq2Seq-lo-{level:g}"].iloc[0] == 100.0 * number - level
            assert one[f"Seq2Seq-hi-{level:g}"].iloc[0] == 100.0 * number + level
        pd.testing.assert_frame_equal(one[head], frame[head])
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("targets", [["load", "load-net"], ["zone-lo-1", "other"]], ids="+".join)
def test_what_a_forecaster_returns(targets: list[str]) -> None:
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"ds": range(40), **{name: rng.normal(size=40) for name in targets}})
    model = Seq2SeqForecaster(
        3,
        context_length=6,
        segment_length=1,
        target_col=targets,
        output=Quantiles([0.1, 0.5, 0.9]),
        network=Network(hidden_size=4),
        training=Training(max_steps=2, progress=False),
    ).fit(df)
    forecast, table = model.predict(), backtest(model, df, windows=2)
    for target in targets:
        names = {f"Seq2Seq-{target}{end}": f"Seq2Seq{end}" for end in ("", "-lo-80", "-hi-80")}
        one = for_target(forecast, target)
        pd.testing.assert_frame_equal(one, forecast[["ds", *names]].rename(columns=names))
        past = for_target(table, target)
        assert past.columns.tolist() == ["ds", "cutoff", target, "Seq2Seq", "Seq2Seq-lo-80", "Seq2Seq-hi-80"]
        score = evaluate(past, ["mae"], target_col=target).set_index("metric")["Seq2Seq"]
        error = (table[target] - table[f"Seq2Seq-{target}"]).abs()
        assert score["mae"] == pytest.approx(error.mean())


def test_bounds_on_one_side_only() -> None:
    frame = pd.DataFrame(
        {
            "ds": [1],
            "Seq2Seq-a": [1.0],
            "Seq2Seq-a-lo-80": [0.0],
            "Seq2Seq-b": [2.0],
            "Seq2Seq-b-lo-80": [1.5],
        }
    )
    assert for_target(frame, "b").to_dict("list") == {"ds": [1], "Seq2Seq": [2.0], "Seq2Seq-lo-80": [1.5]}


def test_columns_of_no_target_stay() -> None:
    frame = several(["load", "price"], truth=True).assign(ETS=1.0, note="x")
    assert for_target(frame, "price").columns.tolist() == [
        "unique_id", "ds", "cutoff", "price", "Seq2Seq", "ETS", "note",
    ]  # fmt: skip


def test_targets_that_are_not_there() -> None:
    frame = several(["load", "price"], levels=(80,))
    with pytest.raises(ParameterError, match=r"no forecast of target 'wind'; it has \['Seq2Seq-load', "):
        for_target(frame, "wind")
    with pytest.raises(ParameterError, match="no forecast of target 'load-lo-80'"):
        for_target(frame, "load-lo-80")
    with pytest.raises(ParameterError, match="no forecast of target 'y'"):
        for_target(pd.DataFrame({"ds": [1], "Seq2Seq": [1.0]}), "y")


@pytest.mark.usefixtures("unchecked_types")
def test_what_is_no_frame() -> None:
    with pytest.raises(ParameterTypeError, match="frame is a dict; it must be a long frame of pandas"):
        for_target({"ds": [1]}, "y")


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_frames_of_other_libraries(library: str) -> None:
    pytest.importorskip(library)
    columns = {"ds": [1], "Seq2Seq-load": [2.0], "Seq2Seq-load-lo-80": [1.5], "Seq2Seq-price": [3.0]}
    frame = nw.from_dict(columns, backend=library).to_native()
    found = for_target(frame, "load")
    assert type(found) is type(frame)
    assert nw.from_native(found).to_dict(as_series=False) == {
        "ds": [1], "Seq2Seq": [2.0], "Seq2Seq-lo-80": [1.5],
    }  # fmt: skip
