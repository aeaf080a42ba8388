"""What listens on the network, and who is let in."""
