"""Programs of others are told of appointments: what they are owed, sent until they have it."""
