"""Names of the attributes that ``tune`` sets on a trial."""

from __future__ import annotations

__all__ = ["AS_GIVEN", "ERROR", "SAME_AS"]

#: Whether the trial is the estimator as it was given.
AS_GIVEN = "as_given"
#: Why the trial failed.
ERROR = "error"
#: The number of an earlier trial with the same settings, whose results are copied.
SAME_AS = "same_as"
