"""Tests that cross add-ons, or that need a running server."""
