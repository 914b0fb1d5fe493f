"""The reference engine: the simulator's battles in plain Python objects, slow and easy to read.

It is written from docs/environments/simulator.md, independently of the fast engine
(``pymarl/envs/skirmish/engine``): no arrays, no compiled code, every unit an object. Both compute
in float64 and in the same order, so tests can ask for equal bits. What it shares with the fast
engine are inputs: the unit table, the constants, the map, its spawn places and its path tables.

To read it from top to bottom:

- ``environment``: SMAC's rules around the battle (actions, reward, end); ``features``: what SMAC's
  agents see of it.
- ``game_loop``: what happens in one game loop, in which order.
- ``orders``: what units are told to do; ``targets``: whom they attack by themselves.
- ``attacks``: from turning to the damage point; ``damage``: what hits do, up to death.
- ``movement``: walking, flying and collisions; ``ground``: walls and the ways around them.
- ``battle``, ``unit``, ``traits``: the data all of these work on.

``compare`` plays both engines side by side, ``bench`` measures how much faster the fast one is.
"""
