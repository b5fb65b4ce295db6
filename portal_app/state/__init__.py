"""What each screen shows, one module per screen; a public method is an event and names its policy."""
