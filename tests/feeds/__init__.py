"""Calendar feeds and calendars that are read."""
