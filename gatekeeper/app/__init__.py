"""The use cases, told top to bottom. They see ports and values, never a file, a clock or a terminal."""
