"""Whatever goes wrong, and whenever: a promotion is there whole and once, or not at all, and what is said is so."""
