"""What a running process tells of itself: its log, its figures, its traces. No personal data in any of them."""
