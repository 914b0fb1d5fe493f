"""The fake trainer accepts every configuration."""
