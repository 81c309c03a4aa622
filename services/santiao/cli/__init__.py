"""The command `santiao`."""

from santiao.cli.app import app, main

__all__ = ["app", "main"]
