"""Slow reference code of our own: plain loops over episodes, steps and agents, written from the papers."""
