"""Voices that remember: an n-gram of a whole text, made in an instant."""
