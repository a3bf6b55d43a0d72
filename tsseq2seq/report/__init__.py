"""Reports: one self-contained HTML page on a frame, a model and its forecasts."""

from __future__ import annotations

from tsseq2seq.report.findings import Findings, find
from tsseq2seq.report.page import write_report

__all__ = ["Findings", "find", "write_report"]
