"""Labelling: a class for a whole sequence, or a label for each of its steps."""
