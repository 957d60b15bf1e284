"""Questions to the snapshot, one module a page: filters in, a Polars frame out."""
