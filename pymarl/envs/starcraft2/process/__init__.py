"""The installed game and its running process."""
