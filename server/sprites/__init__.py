"""The creature's process: draws what a front end asks for, a line in, a line out."""
