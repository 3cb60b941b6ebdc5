"""The outside world: the only place, beside the command line, that touches files, processes and networks."""
