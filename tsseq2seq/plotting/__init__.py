"""Plots of forecasts, anomalies, backtests, errors, calibration, training, attention …, from frames.

Every function draws on the axes it is given, or on a new figure of ``pyplot``, which notebooks show by
themselves. No function calls ``pyplot.show`` or changes matplotlib's settings.
"""

from __future__ import annotations

from tsseq2seq.plotting.anomalies import plot_anomalies
from tsseq2seq.plotting.attention import plot_attention
from tsseq2seq.plotting.backtests import plot_backtest
from tsseq2seq.plotting.calibration import plot_pit, plot_reliability
from tsseq2seq.plotting.errors import plot_errors
from tsseq2seq.plotting.exposure import plot_exposure_bias
from tsseq2seq.plotting.forecasts import plot_forecast, plot_panel
from tsseq2seq.plotting.leaderboard import plot_leaderboard
from tsseq2seq.plotting.residuals import plot_residual_autocorrelation
from tsseq2seq.plotting.scenarios import plot_scenarios
from tsseq2seq.plotting.training import plot_training

__all__ = [
    "plot_anomalies",
    "plot_attention",
    "plot_backtest",
    "plot_errors",
    "plot_exposure_bias",
    "plot_forecast",
    "plot_leaderboard",
    "plot_panel",
    "plot_pit",
    "plot_reliability",
    "plot_residual_autocorrelation",
    "plot_scenarios",
    "plot_training",
]
