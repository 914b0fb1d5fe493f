"""Experiment files, the training runs that they ask for, and the settings of one call."""
