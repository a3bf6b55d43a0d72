"""Series on their grid, windows of them, and batches of windows."""
