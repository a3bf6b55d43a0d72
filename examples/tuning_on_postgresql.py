"""One search on many machines: start this script on each of them, with the same address.

$ python tuning_on_postgresql.py postgresql://user:password@host/studies
"""

import sys

from tsseq2seq import Seq2SeqForecaster, Training, datasets, tune

storage = sys.argv[1] if len(sys.argv) > 1 else "sqlite:///study.db"  # SQLite: processes of one machine
df = datasets.load("air_passengers")

# A folder that all machines see: another worker goes on with the trial of one that died.
model = Seq2SeqForecaster(horizon=12, training=Training(max_time=30, checkpoint="states"))
tuning = tune(model, df, trials=20, storage=storage, study_name="passengers", refit=False)

print(tuning.trials.sort_values("mase").head())
print(tuning.best_params)
