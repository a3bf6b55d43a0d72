"""From frames to panels, windows and scaled batches, and from forecasts back to frames; text likewise."""
