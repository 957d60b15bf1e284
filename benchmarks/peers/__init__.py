"""What a user would pick instead, each run by a Python that has it."""
