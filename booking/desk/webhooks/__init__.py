"""The managers' pages of programs that are told of appointments."""
