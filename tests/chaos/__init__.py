"""Storms: a cluster under load while its parts die, and what must hold afterwards."""
