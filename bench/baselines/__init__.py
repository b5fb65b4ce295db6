"""What the figures are compared with: each short, and known to nobody but its benchmark."""
