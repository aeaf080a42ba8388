"""Takes: what a performance did, written down, read, played again and handed on."""
