"""MIDI as an input: ports, controllers, feedback and clock."""
