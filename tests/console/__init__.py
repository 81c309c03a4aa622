"""Tests of the dispatchers' console, in a real browser against a real hub."""
