"""What to do about it, in order, and the Monday briefing that says so."""
