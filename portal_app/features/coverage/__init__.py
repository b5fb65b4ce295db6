"""Insurance: what somebody has, the card, what the insurer answers, whether the practice has looked at it."""
