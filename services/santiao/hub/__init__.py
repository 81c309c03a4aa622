"""The application service: receives records, takes commands, fires timers. One transaction a batch."""
