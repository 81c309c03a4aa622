"""What is owed to agencies (反馈): outbox rows claimed, rendered in the agency's own form, handed over, answered for row by row."""
