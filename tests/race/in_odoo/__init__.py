"""What the tests of races run inside Odoo."""
