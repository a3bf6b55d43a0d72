"""Scales: how a window reaches the size that a network works at, and back."""
