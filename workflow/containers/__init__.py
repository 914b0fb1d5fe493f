"""Where jobs run: this virtual environment, Apptainer or Docker; and the image for the last two."""
