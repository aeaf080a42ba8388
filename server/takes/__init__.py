"""Takes: every performance recorded as it happens, read again, played again to the letter, and handed on."""
