"""Santiao (三调): an event-sourced integration hub for disputes that several public agencies know of."""

__version__ = "0.1.0"
