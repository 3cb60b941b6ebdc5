"""The decision record: its canonical bytes, its id, its in-toto Statement, and where it lies."""
