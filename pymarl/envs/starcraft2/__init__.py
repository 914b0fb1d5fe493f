"""StarCraft II through its own API; see docs/starcraft2.md."""
