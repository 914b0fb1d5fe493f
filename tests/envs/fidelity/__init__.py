"""The simulator beside the real game's numbers."""
