"""Figures: each module draws one kind and returns a matplotlib figure."""
