from odoo.addons.prm_partner.tools import append_only
from odoo.tools import SQL

# Documents that point at deals, and what else keeps a deal from going.
DOCUMENTS = ("account_move", "sale_order", "crm_lead")
METRICS = ("deals_registered", "deals_approved", "deals_won")


def uninstall_hook(env):
    """Release the deals, so that the add-on can be uninstalled with all its records."""
    append_only.release(env.cr, "prm_deal_event")
    env.cr.execute(SQL("DELETE FROM prm_deal_protection"))
    env.cr.execute(SQL("DELETE FROM prm_deal_conflict"))
    for table in DOCUMENTS:
        env.cr.execute(
            SQL(
                "UPDATE %s SET registration_id = NULL WHERE registration_id IS NOT NULL",
                SQL.identifier(table),
            )
        )
    env.cr.execute(SQL("DELETE FROM prm_deal_registration"))
    env.cr.execute(SQL("DELETE FROM prm_approval_rule"))
    env.invalidate_all()
    # A requirement whose metric nobody computes any more would block its tier.
    env["prm.tier.requirement"].search([("metric_id.code", "in", METRICS)]).unlink()
