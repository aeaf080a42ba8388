"""Ways in: every one ends as values on the parameter tree."""
