"""Two people decide on the same thing."""

import base64
import io

from PIL import Image

from odoo.fields import Command

from .racing import Request, race


def run(env):
    """Approve an application twice, approve and reject it, and sign an agreement twice.

    :return: ``{name of the race: dict}``, see ``race``, with what there is afterwards
    """
    results = {
        "approve_twice": _decide(env, "Twice", _approve, _approve),
        "approve_and_reject": _decide(env, "Yes and no", _approve, _reject),
        "reject_and_approve": _decide(env, "No and yes", _reject, _approve),
        "sign_twice": _sign_twice(env),
    }
    env["mail.mail"].process_email_queue()
    env.cr.commit()
    return results


def _approve(application):
    application.action_approve()


def _reject(application):
    reason = application.env["prm.application.reason"].search([], limit=1)
    application.action_reject(reason.id)


def _decide(env, name, first, second):
    users = env["res.users"].search([("login", "in", ("olivia", "admin"))], order="login")
    application = env["prm.application"].create(
        {
            "name": f"{name} Ltd",
            "contact_name": "Tess Twin",
            "contact_email": f"tess@{name.lower().replace(' ', '-')}.example",
            "program_id": env.ref("prm_partner.program_referral").id,
        }
    )
    env.cr.commit()

    def request(user, decide):
        return Request(env, user, lambda own: decide(application.with_env(own)))

    result = race(env, request(users[0], first), request(users[1], second))
    partners = env["res.partner"].search([("email", "=", application.contact_email)])
    companies = env["res.partner"].search([("name", "=", application.name)])
    return {
        **result,
        "state": application.state,
        "contacts": len(partners),
        "users": len(partners.user_ids),
        "memberships": len(companies.prm_membership_ids),
        "email": application.contact_email,
    }


def _sign_twice(env):
    """Two administrators of a partner sign at the same time."""
    anna, ben = env.ref("prm_partner.user_anna"), env.ref("prm_partner.user_ben")
    ben.group_ids = [Command.set(anna.group_ids.ids)]
    agreement = env["prm.agreement"].search(
        [
            ("partner_id", "=", anna.partner_id.commercial_partner_id.id),
            ("state", "=", "sent"),
        ],
        limit=1,
    )
    env.cr.commit()
    image = io.BytesIO()
    Image.new("RGB", (30, 10), "black").save(image, "PNG")
    drawn = base64.b64encode(image.getvalue()).decode()

    def sign(own):
        agreement.with_env(own)._sign(own.user.name, drawn, text_sha256, "192.0.2.1")

    text_sha256 = agreement.text_sha256
    env.cr.commit()
    result = race(env, Request(env, anna, sign), Request(env, ben, sign))
    documents = env["ir.attachment"].search_count(
        [
            ("res_model", "=", "prm.agreement"),
            ("res_id", "=", agreement.id),
            ("mimetype", "=", "application/pdf"),
        ]
    )
    return {
        **result,
        "state": agreement.state,
        "signed_by": agreement.signature_ids.mapped("name"),
        "documents": documents,
        "problems": agreement._verify(),
    }
