"""Exact resume: a run that was killed at any instant goes on to the same bits."""
