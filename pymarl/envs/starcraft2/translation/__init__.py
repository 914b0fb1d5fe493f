"""Between the game's messages and SMAC's unit table and actions."""
