"""Exponential smoothing of many series at once: the base that a network adds to, without any training."""
