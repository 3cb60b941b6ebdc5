"""The command line: one file per command. Printing, the clock and exit codes are here and nowhere else."""
