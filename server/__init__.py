"""The conductor: mixes the voices by live weights, samples on the clock, and answers over UDP."""
