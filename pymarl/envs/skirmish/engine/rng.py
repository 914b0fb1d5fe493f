"""The engine's random numbers: one stream per environment, see ``kernels/random_stream.py``."""

from pymarl.kernels.random_stream import RandomStream as RandomStream
from pymarl.kernels.random_stream import random_bits as random_bits
from pymarl.kernels.random_stream import random_uniform as random_uniform
