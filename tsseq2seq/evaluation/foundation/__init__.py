"""Foundation models of others, with the fit and predict of the baselines.

Each needs its own package and its weights, which this library neither installs nor fetches; its licence is
its own. In ``leaderboard`` they stand beside the network.
"""

from __future__ import annotations

from tsseq2seq.evaluation.foundation.base import FoundationModel
from tsseq2seq.evaluation.foundation.chronos import Chronos
from tsseq2seq.evaluation.foundation.statsforecast import StatsForecastModel
from tsseq2seq.evaluation.foundation.timesfm import TimesFM
from tsseq2seq.evaluation.foundation.tirex import TiRex

__all__ = ["Chronos", "FoundationModel", "StatsForecastModel", "TiRex", "TimesFM"]
