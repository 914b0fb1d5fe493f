"""Configuration: YAML layers, ``with`` overrides and the validated, frozen record of both."""
