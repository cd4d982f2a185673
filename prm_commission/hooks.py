from odoo.addons.prm_partner.tools import append_only, uninstall


def uninstall_hook(env):
    """Empty the ledger before Odoo removes the rules and plans that it refers to.

    All its tables are dropped with the add-on; bills and invoices stay.
    """
    append_only.lift(env.cr, "prm_commission_entry")
    env.cr.execute("TRUNCATE prm_commission_entry, prm_commission_basis")
    uninstall.let_go(env, "prm_commission")
    env.invalidate_all(flush=False)
