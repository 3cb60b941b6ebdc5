"""Putting the parts together: from what a user typed to trees, envelopes, engines and repositories."""
