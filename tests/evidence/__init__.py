"""Evidence: reports in, envelopes out."""
