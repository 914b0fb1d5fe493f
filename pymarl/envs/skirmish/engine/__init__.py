"""The engine: what units do in a game loop."""
