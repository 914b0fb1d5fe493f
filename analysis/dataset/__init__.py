"""Runs of any origin to one dataset: records, rules, tidy tables, groups of comparable runs."""
