"""Judging: evidence, policies and one clock in, a judgement out. No file, clock or environment is read here."""
