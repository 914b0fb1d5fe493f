"""StarCraft II through its own API; see docs/environments/starcraft2.md."""
