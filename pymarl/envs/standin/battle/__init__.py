"""The simulator's battles behind the API."""
