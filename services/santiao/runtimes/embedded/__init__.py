"""One process, SQLite, no other service."""
