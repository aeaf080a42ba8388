"""Benchmarks: each prints the figures that the README and docs/ quote, with the machine they were measured on."""
