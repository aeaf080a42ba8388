"""The panels of the control window, one a file."""
