"""Questionnaires and what patients answer: from the form that is assigned to the answers a clinician reads."""
