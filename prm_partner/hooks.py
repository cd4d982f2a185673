from .tools import append_only, uninstall


def uninstall_hook(env):
    """Release what never changes, so that the add-on can be uninstalled with all its records.

    Tiers stay the levels of their partners, as in Odoo's own partnerships.
    """
    append_only.release(env.cr, "prm_tier_change")
    append_only.release(env.cr, "prm_agreement_signature")
    append_only.drop_function(env.cr)
    uninstall.let_go(env, "prm_partner")
