"""Statistical baselines, with the same fit and predict as the forecaster."""

from tsseq2seq.evaluation.baselines.base import Baseline
from tsseq2seq.evaluation.baselines.ets import ETS
from tsseq2seq.evaluation.baselines.naive2 import Naive2
from tsseq2seq.evaluation.baselines.sarimax import SARIMAX
from tsseq2seq.evaluation.baselines.seasonal_naive import SeasonalNaive
from tsseq2seq.evaluation.baselines.smoothing import Smoothing
from tsseq2seq.evaluation.baselines.theta import Theta

__all__ = ["ETS", "SARIMAX", "Baseline", "Naive2", "SeasonalNaive", "Smoothing", "Theta"]
