"""What remains of a visit: the note, the encounter, what the patient is told afterwards, and what it was like."""
