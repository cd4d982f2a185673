"""What there is after many partners have registered the same customer."""


def run(env):
    """Look at the registrations of the customer that all wanted.

    :return: dict with their ``states``, how many have a ``conflict``, the numbers of their
        submissions, the partners that hold a protection, and what is broken in their logs
    """
    deals = env["prm.deal.registration"].search([("customer_name", "=", "Wanted GmbH")])
    protections = env["prm.deal.protection"].search([("registration_id", "in", deals.ids)])
    return {
        "states": deals.mapped("state"),
        "conflicts": len(deals.filtered("has_conflict")),
        "winner_first": min(deals, key=lambda deal: deal.submit_number).state == "approved",
        "numbers": deals.mapped("submit_number"),
        "holders": len(protections.partner_id),
        "opportunities": len(deals.lead_id),
        "broken": deals.event_ids._verify().ids,
        "queued_mails": len(deals.message_ids.mail_ids),
    }
