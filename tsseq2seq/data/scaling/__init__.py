"""Scalings: they bring each window to a size that networks work well with, and forecasts back."""
