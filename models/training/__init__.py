"""Making voices: streams of text, the trainer, recipes and the command's runs."""
