"""The shell around Reflex: build, gate, guard, live pages."""
