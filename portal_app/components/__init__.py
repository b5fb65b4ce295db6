"""The design system: pure functions from words and handlers to elements.

Nothing here knows a state, a feature or a catalogue: pages pass in what to say and what to call. Style sheets stand in
`assets/` in the order of `STYLESHEETS`; every one of them is made of the tokens in look.css. What
is in `assets/late/` comes with the script that imports it.
"""

STYLESHEETS = ("look.css", "shapes.css", "frames.css")
"""Style sheets for `rx.App(stylesheets=…)`, in the order they build on each other."""
