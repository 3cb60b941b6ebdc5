"""Promoting, as far as it is thought and not done: which files change, in which order, what the commit says."""
