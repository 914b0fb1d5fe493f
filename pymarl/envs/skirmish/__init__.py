"""The embedded simulator of SMAC battles.

StarCraft II's unit numbers, compiled loops (not StarCraft II itself).
"""
