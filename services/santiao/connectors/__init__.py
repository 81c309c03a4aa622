"""Agencies' deliveries into canonical records: declarations, converters, transports, translation."""
