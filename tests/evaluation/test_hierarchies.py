"""The package hierarchicalforecast reconciles forecasts of this library as they are, with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Seq2SeqForecaster, backtest

pytest.importorskip("hierarchicalforecast", reason="hierarchicalforecast is not installed")

HORIZON = 6


def shops() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    steps = np.arange(60)
    parts = [
        pd.DataFrame(
            {
                "region": region,
                "shop": shop,
                "ds": pd.date_range("2019", periods=60, freq="MS"),
                "y": level + 5 * np.sin(2 * np.pi * steps / 12) + rng.normal(size=60),
            }
        )
        for region, shop, level in (("north", "a", 30), ("north", "b", 20), ("south", "c", 40))
    ]
    return pd.concat(parts, ignore_index=True).assign(country="all")


@pytest.mark.filterwarnings("ignore")  # that package's own
def test_reconciled_forecasts_add_up_and_have_intervals() -> None:
    from hierarchicalforecast.core import HierarchicalReconciliation
    from hierarchicalforecast.methods import BottomUp, MinTrace
    from hierarchicalforecast.utils import aggregate

    levels = [["country"], ["country", "region"], ["country", "region", "shop"]]
    whole, summing, tags = aggregate(shops(), levels)
    model = Seq2SeqForecaster.pretrained(HORIZON).fit(whole)
    forecast = model.predict(levels=[80])
    fitted = backtest(model, whole, windows=2, progress=False).drop(columns="cutoff")
    reconciled = HierarchicalReconciliation([BottomUp(), MinTrace(method="ols")]).reconcile(
        Y_hat_df=forecast, Y_df=fitted, S_df=summing, tags=tags, level=[80], intervals_method="normality"
    )
    wide = reconciled.pivot_table(index="unique_id", columns="ds", values="Seq2Seq/BottomUp")
    bottom = wide.loc[list(tags["country/region/shop"])].sum()
    np.testing.assert_allclose(wide.loc["all"], bottom, rtol=1e-6)
    point = forecast.pivot_table(index="unique_id", columns="ds", values="Seq2Seq")
    np.testing.assert_allclose(wide.loc["all/south/c"], point.loc["all/south/c"], rtol=1e-6)
    low, high = (reconciled[f"Seq2Seq/BottomUp-{side}-80"] for side in ("lo", "hi"))
    assert (low < high).all()
