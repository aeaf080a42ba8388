"""Tests of light desks as inputs."""
