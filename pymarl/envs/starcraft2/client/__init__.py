"""The connection to the game: the WebSocket, its requests and answers, what the server is."""
