#!/usr/bin/env bash
# The wheel alone: built, installed with the core dependencies into an empty environment, and used from outside
# the checkout, from Python and from the shell. PYTHON and CONSTRAINTS choose another interpreter and versions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/env"
export PIP_CONSTRAINT="$PWD/${CONSTRAINTS:-constraints.txt}" PIP_DISABLE_PIP_VERSION_CHECK=1
"$work/env/bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$work" .
"$work/env/bin/python" -m pip install --quiet "$work"/tsseq2seq-*.whl
cp datasets/air_passengers.csv "$work"
cd "$work"

env/bin/python -W error - <<'EOF'
import importlib.util

from tsseq2seq import Seq2SeqForecaster, Training, datasets, load

missing = [name for name in ("matplotlib", "pyarrow", "statsmodels", "optuna", "polars") if importlib.util.find_spec(name)]
assert not missing, f"no core dependencies, but installed: {missing}"
model = Seq2SeqForecaster(horizon=12, training=Training(max_steps=20, progress=False))
forecast = model.fit(datasets.load("air_passengers")).predict(levels=[])
assert len(forecast) == 12 and forecast["Seq2Seq"].notna().all()
model.save("model")
assert load("model").predict(levels=[]).equals(forecast)
EOF
env/bin/tsseq2seq forecast air_passengers.csv --horizon 12 --max-time 5 --output forecast.csv
test "$(wc -l < forecast.csv)" -eq 13
env/bin/python -m tsseq2seq --version
echo "the wheel works with core dependencies alone"
