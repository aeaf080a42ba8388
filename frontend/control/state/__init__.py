"""What the control window holds and changes: controls, undo, fades, mute and solo."""
