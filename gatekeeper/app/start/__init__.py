"""A first gate for a project, out of the numbers that it has now: pure text, which the loader then reads."""
