"""``make reproduce``: Snakemake with progress, repairs after a kill, and a readable outcome."""
