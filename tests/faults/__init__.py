"""What becomes of a hub when it is killed, starved of room, locked out, or its clock is set back."""
