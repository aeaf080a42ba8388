"""What panels draw with: canvas, shapes, layout, pointer and keys."""
