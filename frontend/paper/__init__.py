"""A poem to take home: the last sentence on paper, by a receipt printer, and as a picture."""
