"""Calendars that programs of the clinic subscribe to: whose time is taken, initials only."""
