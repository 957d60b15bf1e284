"""What comes next: daily volume, its anomalies, and whether there are people enough for it."""
