"""What the two processes say to each other: parameters, messages, OSC bytes and their guards."""
