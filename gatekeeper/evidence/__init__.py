"""Evidence: bytes in, envelopes out. One file per producer, named as users name the tool."""
