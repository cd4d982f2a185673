"""Set-up, start, tests and measurements of PRM for Odoo.

Only the standard library is used here: this code runs before anything is installed.
"""
