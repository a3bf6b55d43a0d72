"""Whether forecasts are good: calibration, backtests, metrics and baselines."""
