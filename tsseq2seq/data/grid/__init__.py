"""The time grid: frequencies, calendars, holidays."""
