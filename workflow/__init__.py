"""The Snakemake part of the project: rules, schemas, and the Python behind them.

It calls the command lines of ``pymarl`` and ``analysis`` and never imports them.
"""
