"""Real components for tests: a PostgreSQL, a Chromium, an SFTP server. Never a mock of one."""
