"""A camera as an input: its process, what it sees, and how it is installed."""
