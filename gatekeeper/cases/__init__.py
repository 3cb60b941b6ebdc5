"""Policy tests: cases, the mutants that they must kill, and how much of a policy they cover."""
