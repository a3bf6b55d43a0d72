"""Training: settings, schedules, the loop, and the protocol of objectives."""
