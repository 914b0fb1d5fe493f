"""The simulator beside StarCraft II: what fixed policies do in both, with errors."""
