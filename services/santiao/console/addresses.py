"""Addresses within the console, as far as they come from outside."""

from urllib.parse import urlsplit


def safe_place(told: str) -> str:
    """A place within the console; anything else is its first page, so that nobody is led elsewhere."""
    parts = urlsplit(told) if told.isprintable() else None
    is_inside = parts is not None and not parts.scheme and not parts.netloc and "\\" not in told
    return told if is_inside and told.startswith("/") and not told.startswith("//") else "/"
