"""The machine: devices and precisions, denormal numbers, the heap."""
