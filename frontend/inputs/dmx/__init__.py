"""Light desks: DMX over the network, sACN and Art-Net."""
