"""The instrument: control window, stage window, terminal player, and the link to the server."""
