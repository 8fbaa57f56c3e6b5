"""Grading by Dask: workers of a scheduler that runs on this machine, elsewhere, or has Slurm start them."""
