"""The database as a whole: moved to the other kind, backed up, restored."""
