from odoo.addons.prm_partner.tools import append_only, uninstall
from odoo.addons.prm_partner.tools.extension import require_btree_gist

from .tools import path_range

METRICS = ("deals_registered", "deals_approved", "deals_won")


def pre_init_hook(env):
    """Refuse the installation at once where the database cannot keep protections apart."""
    require_btree_gist(env)


def uninstall_hook(env):
    """Release the deals, so that the add-on can be uninstalled with all its records."""
    append_only.release(env.cr, "prm_deal_event")
    path_range.drop(env.cr)
    uninstall.let_go(env, "prm_deal_registration")
    env.invalidate_all()
    # A requirement whose metric nobody computes any more would block its tier.
    env["prm.tier.requirement"].search([("metric_id.code", "in", METRICS)]).unlink()
