"""PyMARL's Logger, and helpers that know nothing of learning.

Every folder may import from here; nothing here imports another folder of this package.
"""
