"""Train the first night; every other night train on, with the rows that came."""

from pathlib import Path

import pandas as pd

from tsseq2seq import Seq2SeqForecaster, Training, datasets, load

FOLDER = Path("model")
FIRST = Training(max_time=60, checkpoint="states")  # a night that is cut short goes on with resume=
NIGHTLY = Training(max_steps=50, learning_rate=5e-4)


def night(df: pd.DataFrame) -> pd.DataFrame:
    """Train with all rows until today, save, and return the forecast."""
    if FOLDER.exists():
        model = load(FOLDER).set_params(training=NIGHTLY)
        model.fit(df, warm_start=True)
    else:
        model = Seq2SeqForecaster(horizon=6, training=FIRST).fit(df)
    model.save(FOLDER)  # readers see the old model or the new one, never a mixture
    return model.predict(levels=[80])


if __name__ == "__main__":
    rows = datasets.load("air_passengers")
    for until in (-12, -6, len(rows)):  # three nights
        print(night(rows[:until]).head(1).to_string(index=False))
