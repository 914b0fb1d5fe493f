"""StarCraft II's API: which requests are allowed, and what they are answered."""
