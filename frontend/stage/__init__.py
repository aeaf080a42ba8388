"""The stage: the text, large and alone, on the second screen."""
