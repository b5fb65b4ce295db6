"""What has to reach a person of the care team: raised, taken, escalated by the clock, closed with an outcome."""
