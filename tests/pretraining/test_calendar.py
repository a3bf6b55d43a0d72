import numpy as np
import pandas as pd
import pytest

from tsseq2seq.pretraining.calendar import Calendar


@pytest.mark.parametrize(
    ("months", "minutes", "freq"),
    [(12, 0, "YS"), (3, 0, "QS"), (1, 0, "MS"), (0, 10080, "7D"), (0, 30, "30min")],
)
def test_stamps_are_those_of_pandas(months, minutes, freq):
    first = np.datetime64("1999-01-01T00:00")
    expected = pd.date_range(first, periods=50, freq=freq).to_numpy()
    assert (Calendar(first, months, minutes).stamps(50) == expected).all()
