"""The stand-in: an SC2 API server on top of the simulator, for clients written for StarCraft II.

It is not StarCraft II and says so wherever a client can look; see docs/environments/standin.md.
"""
