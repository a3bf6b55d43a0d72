"""Read frames of any kind as long pandas frames, and return forecasts as the same kind."""
