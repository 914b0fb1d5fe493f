"""The WebSocket server that carries the API."""
