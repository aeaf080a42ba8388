"""The voices: what a voice is, the char-LSTM, the choir, training, evaluation and weight files."""
