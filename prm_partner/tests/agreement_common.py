"""An agreement template and what it takes to sign it, for the tests about agreements."""

import base64
import io

from PIL import Image

from odoo.fields import Command

from .common import PartnerCase


def draw(colour="black"):
    """A PNG in base64, as the signature pad sends it."""
    file = io.BytesIO()
    Image.new("RGB", (30, 10), colour).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


class AgreementCase(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.send_agreements = False  # tests send what they need
        cls.membership = cls._enroll(cls.partner, cls.gold)
        cls.rival_membership = cls._enroll(cls.rival, user=cls.other_manager)
        cls.admin = cls._new_portal_user(cls.contact, "admin")
        cls.rival_admin = cls._new_portal_user(cls.rival_contact, "admin")
        cls.sales = cls._new_portal_user(
            cls.env["res.partner"].create(
                {"name": "Sal", "parent_id": cls.partner.id, "email": "sal@acme-partners.example"}
            ),
            "sales",
        )
        cls.signatory = cls.program_manager
        cls.signatory.group_ids = [
            Command.link(cls.env.ref("prm_partner.group_agreement_signatory").id)
        ]
        cls.template = cls._new_template()

    @classmethod
    def _new_template(cls, publish=True, **values):
        template = cls.env["prm.agreement.template"].create(
            {
                "name": "Test Agreement",
                "program_ids": [Command.set(cls.program.ids)],
                "body": '<p>Between us and <t t-out="object.partner_id.name"/>.</p>',
                "duration_months": 12,
                "renewal_months": 12,
                "notice_days": 30,
                "sign_days": 30,
                **values,
            }
        )
        if publish:
            template.action_publish()
        return template

    @classmethod
    def _new_agreement(cls, membership=None, template=None):
        return cls.env["prm.agreement"].create(
            {
                "membership_id": (membership or cls.membership).id,
                "template_id": (template or cls.template).id,
            }
        )

    @classmethod
    def _send(cls, membership=None, template=None):
        agreement = cls._new_agreement(membership, template)
        agreement.action_send()
        return agreement

    @classmethod
    def _sign(cls, agreement, user=None, name="Ada Acme", **values):
        vals = {"image": draw(), "text_sha256": agreement.text_sha256, "ip": "192.0.2.1", **values}
        agreement.with_user(user or cls.admin)._sign(name, **vals)
        return agreement

    @classmethod
    def _countersign(cls, agreement, user=None):
        agreement.with_user(user or cls.signatory)._countersign("Vera Vendor", draw(), "192.0.2.2")
        return agreement

    @classmethod
    def _sign_new(cls, membership=None, template=None, user=None):
        return cls._sign(cls._send(membership, template), user)
