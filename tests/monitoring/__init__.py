"""Tests of how the tower itself is doing."""
