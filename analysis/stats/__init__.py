"""Statistics as pure functions on arrays; every random draw comes from a given seed.

Axes: ``R`` runs (seeds), ``G`` grid points, ``M`` maps (tasks). NaN means "no value here".
"""
