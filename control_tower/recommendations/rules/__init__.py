"""The rules, one a module: each a pure function that returns its actions, or none."""
