"""Tests: a folder for each room, and journeys through all of them."""
