"""Which output admits which scaling, written out; and by what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tsseq2seq.data.scaling.log1p import Log1p
from tsseq2seq.data.scaling.mean import Mean
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.forecasting.admitted_scalings import admits, admitted_scalings
from tsseq2seq.nn.outputs import (
    Binned,
    NegativeBinomial,
    Normal,
    Output,
    Point,
    Quantiles,
    StudentT,
    Tweedie,
    ZeroInflatedNegativeBinomial,
)

ALL = ("window", "series", "last", "robust", "mean", "log1p", "none")
ADMITTED = {
    Point(): ALL,
    Point("mse"): ALL,
    Quantiles((0.1, 0.5)): ALL,
    Normal(): ALL,
    StudentT(): ALL,
    Binned(): ALL,
    NegativeBinomial(): ("mean", "none"),
    ZeroInflatedNegativeBinomial(): ("mean", "none"),
    Tweedie(): ("mean", "none"),
}


@pytest.mark.parametrize("output", ADMITTED, ids=repr)
def test_the_library_knows_what_each_output_takes(output: Output) -> None:
    assert admitted_scalings(output) == ADMITTED[output]
    assert output.default_scaling == ADMITTED[output][0]
    assert {name for name in SCALINGS if admits(output, SCALINGS[name])} == set(ADMITTED[output])


def test_proportion_is_kept_by_what_neither_centres_nor_bends() -> None:
    @dataclass(frozen=True)
    class Uncentred(Log1p):
        centred = False

    counts = NegativeBinomial()
    assert not admits(counts, Uncentred()), "zero stays, but two are no longer twice one"
    assert admits(counts, Mean())
    assert admits(Point(), Uncentred())
