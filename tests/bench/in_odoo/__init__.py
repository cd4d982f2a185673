"""What benchmarks run inside of an Odoo shell; imported there only, since it needs Odoo."""
