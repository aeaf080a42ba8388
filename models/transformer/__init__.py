"""Voices that read parts of words: transformers of Llama's family and of GPT-2's, heard letter by letter."""
