"""What people say about themselves: how to address and reach them, and how they read the portal."""
