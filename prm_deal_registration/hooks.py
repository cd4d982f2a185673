from odoo.addons.prm_partner.tools import append_only, uninstall

METRICS = ("deals_registered", "deals_approved", "deals_won")


def uninstall_hook(env):
    """Release the deals, so that the add-on can be uninstalled with all its records."""
    append_only.release(env.cr, "prm_deal_event")
    uninstall.let_go(env, "prm_deal_registration")
    env.invalidate_all()
    # A requirement whose metric nobody computes any more would block its tier.
    env["prm.tier.requirement"].search([("metric_id.code", "in", METRICS)]).unlink()
