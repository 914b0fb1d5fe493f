"""Critics: networks that judge actions in training and are not needed for acting."""
