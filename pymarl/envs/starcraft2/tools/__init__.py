"""Measuring and comparing the environment."""
