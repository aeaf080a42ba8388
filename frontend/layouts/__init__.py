"""Layouts for other people's panels: Antiphon's controls as files that Open Stage Control and TouchOSC open."""
