"""A small churn model, from data to service, whose reports gatekeeper judges."""
