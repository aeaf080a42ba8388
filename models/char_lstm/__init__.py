"""The kind of voice that is a character-level LSTM: network, weights file, and many of them stepped as one."""
