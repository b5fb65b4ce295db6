"""One package per subject; each knows everything the portal knows about it."""
