"""Measures the hub. `make bench` prints JSON; every speed stands beside a baseline of the same run."""
