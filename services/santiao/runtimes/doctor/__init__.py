"""What is wrong with a home, why, and the command that mends it. Looking changes nothing."""
