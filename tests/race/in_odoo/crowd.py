"""Many partners who all want the same customer."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

PARTNERS = 50


def run(env):
    """Make the partners, each with a person who may register deals.

    :return: dict with the ``keys`` of the people for the external API, and the ``values`` of the
        deal that all of them register
    """
    program = env["prm.program"].create(
        {"name": "Crowd", "send_agreements": False, "grade_ids": [Command.create({"name": "All"})]}
    )
    companies = env["res.partner"].create(
        [
            {"name": f"Crowd {number}", "is_company": True, "email": f"c{number}@crowd.example"}
            for number in range(PARTNERS)
        ]
    )
    env["prm.membership"].create(
        [
            {
                "partner_id": company.id,
                "program_id": program.id,
                "grade_id": program._prm_tiers().id,
                "state": "active",
            }
            for company in companies
        ]
    )
    users = env["res.users"].create([_prepare_user(env, company) for company in companies])
    env.cr.commit()
    tomorrow = fields.Datetime.now() + timedelta(hours=20)
    keys = [
        env["res.users.apikeys"].with_user(user).sudo()._generate(None, "Crowd", tomorrow)
        for user in users
    ]
    env.cr.commit()
    return {"keys": keys, "values": _prepare_deal(env)}


def _prepare_user(env, company):
    person = env["res.partner"].create(
        {"name": f"Sales of {company.name}", "parent_id": company.id, "email": f"s.{company.email}"}
    )
    role = env.ref("prm_partner.group_partner_sales")
    return {
        "partner_id": person.id,
        "login": person.email,
        "group_ids": [Command.set(role.ids)],
    }


def _prepare_deal(env):
    return {
        "customer_name": "Wanted GmbH",
        "customer_website": "https://www.wanted-by-all.example",
        "customer_email": "buyer@wanted-by-all.example",
        "customer_country_id": env.ref("base.de").id,
        "amount": 5000,
        "date_close": fields.Date.to_string(fields.Date.today() + timedelta(days=60)),
    }
