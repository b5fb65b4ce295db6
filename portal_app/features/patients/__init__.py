"""Charts as the front desk knows them: finding one, opening one, and people who ask to become patients."""
