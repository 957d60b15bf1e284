"""Figures: a frame in, a plain Plotly figure without template out."""
