"""How the tower itself is doing: metrics of its runs and snapshots, and word of late runs."""
