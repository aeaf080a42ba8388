"""The instrument where no window opens: the terminal player, and plain text where there is no terminal."""
