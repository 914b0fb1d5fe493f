"""Recorded battles: files, pictures, and the viewer's form."""
