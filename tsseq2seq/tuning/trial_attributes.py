"""What tune notes on a trial beside Optuna's own parameters and values."""

from __future__ import annotations

__all__ = ["AS_GIVEN", "ERROR", "SAME_AS"]

#: Whether the trial is the estimator as it was given.
AS_GIVEN = "as_given"
#: Why the trial failed.
ERROR = "error"
#: The number of the trial with the same settings, whose results this one has.
SAME_AS = "same_as"
