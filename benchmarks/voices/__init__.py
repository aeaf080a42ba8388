"""The proof that the voices are good: what `antiphon report` measures, and the pages that it writes of it."""
