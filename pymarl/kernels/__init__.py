"""Compiled kernels: the decorators, the cache of machine code, and the warm-up."""
