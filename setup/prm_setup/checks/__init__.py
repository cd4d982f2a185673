"""The checks of ``./setup/lint``; each yields its problems as text."""
