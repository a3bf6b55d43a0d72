"""Sequences of feature vectors: speech, handwriting, pictures column by column."""
