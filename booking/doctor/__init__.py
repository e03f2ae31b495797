"""What keeps the service from working as it is set up here: looked for, and said with what to do about it."""
