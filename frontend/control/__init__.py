"""The control window: what the performer's hands and eyes work with. UI thread only."""
