"""Reasoning about conditions: what a syntax tree gives where something is absent, empty, or anything at all."""
