"""The desk's page of calendar feeds."""
