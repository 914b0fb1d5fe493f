"""Configuration: YAML layers, ``with`` overrides and the validated, frozen record made from them."""
