"""Voices that read words: an LSTM over whole words, heard letter by letter."""
