"""Frames of any kind in, and the same kind out."""
