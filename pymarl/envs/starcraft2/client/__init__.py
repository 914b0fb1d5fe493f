"""The connection to the game: WebSocket, requests and answers, which server it is."""
