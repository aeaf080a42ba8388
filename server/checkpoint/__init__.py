"""A performance at one moment, kept as a file and gone on with by another process."""
