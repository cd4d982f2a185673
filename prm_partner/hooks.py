from .tools import append_only


def uninstall_hook(env):
    """Release what never changes, so that the add-on can be uninstalled with all its records."""
    append_only.release(env.cr, "prm_tier_change")
    append_only.release(env.cr, "prm_agreement_signature")
    append_only.drop_function(env.cr)
