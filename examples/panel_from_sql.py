"""Read a panel from a database, forecast it, and write the forecast back."""

import sqlite3

import numpy as np
import pandas as pd

from tsseq2seq import Seq2SeqForecaster

connection = sqlite3.connect(":memory:")  # in earnest: your database

# What your database has already: a table of sales.
days = pd.date_range("2024-01-01", periods=120)
rng = np.random.default_rng(0)
sales = pd.DataFrame({"shop": np.repeat(["north", "south"], 120), "day": np.tile(days, 2)})
sales["sold"] = rng.poisson(20, 240).astype(float)
sales.to_sql("sales", connection, index=False)

query = "SELECT shop, day, SUM(sold) AS sold FROM sales GROUP BY shop, day"
df = pd.read_sql(query, connection, parse_dates=["day"])

model = Seq2SeqForecaster.pretrained(14, id_col="shop", time_col="day", target_col="sold")
forecast = model.predict(df, levels=[80])

forecast.assign(made=pd.Timestamp.now()).to_sql("forecasts", connection, index=False, if_exists="append")
print(
    pd.read_sql(
        "SELECT shop, COUNT(*) AS steps, AVG(Seq2Seq) AS mean FROM forecasts GROUP BY shop", connection
    )
)
