"""Decoding: one unroll for training and prediction; it knows the Stepper protocol only."""
