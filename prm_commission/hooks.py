def uninstall_hook(env):
    """Empty the ledger before Odoo removes the rules and plans that it refers to.

    All its tables are dropped with the add-on; bills and invoices stay.
    """
    env.cr.execute("TRUNCATE prm_commission_entry, prm_commission_basis")
    env.invalidate_all(flush=False)
