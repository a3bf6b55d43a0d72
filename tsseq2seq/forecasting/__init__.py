"""The parts of a forecaster: resolved settings, model, fitting, forecasts, calibration."""
