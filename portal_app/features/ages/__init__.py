"""Who may see what of a minor's chart: rules by age, per state, and limits that come before them."""
