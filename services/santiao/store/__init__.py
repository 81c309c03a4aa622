"""The SQL store: everything that must survive, on SQLite or PostgreSQL from one code."""
