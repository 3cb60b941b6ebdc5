"""Promotion without the world."""
