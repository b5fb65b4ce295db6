"""Readings taken at home: what was measured, what it means, and who has to know."""
