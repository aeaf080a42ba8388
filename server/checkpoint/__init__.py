"""A performance at one moment, kept as a file and continued by another process."""
