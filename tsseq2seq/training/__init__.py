"""Training: settings, schedules, the loop, and what is trained."""
