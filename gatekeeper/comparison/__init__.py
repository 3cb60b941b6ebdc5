"""What a change of policies means: stricter, looser, added, removed."""
