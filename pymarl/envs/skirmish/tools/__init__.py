"""Benchmarks, balance tables and fixed policies."""
