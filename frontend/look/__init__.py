"""Colour, type, screens and the toolkit: how everything looks, whatever it shows."""
