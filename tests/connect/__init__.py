"""Connectors, against the real things."""
