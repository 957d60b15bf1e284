"""Every figure this project claims, measured."""
