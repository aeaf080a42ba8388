"""Tests of the stage on the web."""
