"""The city simulator: its forms are read back by other code than wrote them, and its truth is checked against what was delivered."""
