"""Evaluation of forecasts: metrics, baselines, backtests, leaderboards, and views of a fitted model."""
