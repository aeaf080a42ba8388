"""What opens over the panels of the control window."""
