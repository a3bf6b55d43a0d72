from __future__ import annotations

import numpy as np
import pytest

from tsseq2seq import Training


@pytest.mark.parametrize("kind", ["steady counts", "drifting counts", "ending counts", "lumpy amounts"])
def test_demand_is_mostly_nothing_and_never_below(kind):
    import intermittent

    values = intermittent.KINDS[kind](np.random.default_rng(0))
    assert values.shape == (intermittent.SERIES, intermittent.MONTHS + intermittent.HORIZON)
    assert (values >= 0).all()
    assert (values == 0).mean() > 0.5
    assert (values == np.round(values)).all() == (kind != "lumpy amounts")


def test_nothing_has_a_relative_loss_of_1_and_every_model_a_row(monkeypatch):
    import intermittent

    monkeypatch.setattr(intermittent, "SERIES", 8)
    rows = {
        row[1]: row
        for row in intermittent.measured("steady counts", 1, Training(max_steps=2, progress=False))
    }
    assert list(rows) == ["nothing", "last value", "mean, and quantiles of the past", "Smoothing", "defaults"]
    assert rows["nothing"][3] == "1.000"
    assert all(float(row[2]) > 0 for row in rows.values())


def test_the_loss_of_the_truth_is_0():
    import intermittent

    known, truth = np.array([[0.0, 3.0, 0.0]]), np.array([[2.0, 0.0]])
    exact = np.repeat(truth[..., None], len(intermittent.PROBABILITIES), axis=2)
    assert intermittent.scores(known, truth, truth, exact) == (0.0, 0.0)
    worse, loss = intermittent.scores(known, truth, 0 * truth, 0 * exact)
    assert worse == pytest.approx(np.sqrt(2 / 9))
    assert loss == pytest.approx(1.0)
