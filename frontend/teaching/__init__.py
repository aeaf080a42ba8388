"""Teach by showing: a few poses and what each is to mean, and all between them is made up."""
