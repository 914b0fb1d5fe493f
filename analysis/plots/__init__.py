"""Figures: the functions named ``*_figure`` draw one and return it."""
