"""The video hub: a process of its own that forwards encrypted media between the people of one room."""
