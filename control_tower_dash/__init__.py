"""The dashboard: six pages that read the published snapshot and nothing else."""
