"""Slow reference code of our own: loops over episodes, steps and agents, from the papers."""
