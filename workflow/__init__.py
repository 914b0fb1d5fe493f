"""The Snakemake part of the project: rules, schemas and the library they call."""
