from odoo.addons.prm_partner.tools import uninstall


def uninstall_hook(env):
    """Leave the partner programs usable without this add-on."""
    uninstall.let_go(env, "prm_enablement")
    metric = env.ref("prm_enablement.prm_metric_certified_people", raise_if_not_found=False)
    if metric:
        # A requirement whose metric nobody computes any more would block its tier.
        env["prm.tier.requirement"].search([("metric_id", "=", metric.id)]).unlink()
    group = env.ref("prm_partner.group_program_manager", raise_if_not_found=False)
    if group:
        group.implied_ids -= env.ref("survey.group_survey_user") | env.ref(
            "website_slides.group_website_slides_officer"
        )
