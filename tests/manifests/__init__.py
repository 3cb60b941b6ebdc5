"""Manifest editors."""
