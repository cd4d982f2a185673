"""Add-ons that come and go."""
