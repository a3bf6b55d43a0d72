"""Frames to panels, panels to windows, windows to batches; scaling, seasons, and back to frames."""
