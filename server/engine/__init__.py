"""The way of a character: when it is due, who expects what, what is drawn, and who is told."""
