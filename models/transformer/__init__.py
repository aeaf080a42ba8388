"""Voices that read parts of words: transformers of the Llama family, heard letter by letter."""
