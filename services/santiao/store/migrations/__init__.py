"""Migrations of the log's database, run by `santiao.store.opening`."""
