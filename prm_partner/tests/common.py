"""A small partner world for the tests of this add-on and of those that build on it."""

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class PartnerCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.env.company
        cls.manager = cls._new_staff("t_manager", "group_partner_manager")
        cls.other_manager = cls._new_staff("t_other_manager", "group_partner_manager")
        cls.program_manager = cls._new_staff("t_program_manager", "group_program_manager")
        cls.program = cls.env["prm.program"].create(
            {
                "name": "Test Resellers",
                "kind": "reseller",
                "user_id": cls.program_manager.id,
                "grade_ids": [
                    Command.create({"name": name, "sequence": sequence})
                    for name, sequence in (("Silver", 10), ("Gold", 20), ("Platinum", 30))
                ],
            }
        )
        cls.silver, cls.gold, cls.platinum = cls.program._prm_tiers()
        cls.partner, cls.contact = cls._new_partner("Acme Partners", "acme-partners.example")
        cls.rival, cls.rival_contact = cls._new_partner("Rival Partners", "rival-partners.example")

    @classmethod
    def _new_staff(cls, login, group):
        groups = f"base.group_user,prm_partner.{group}"
        return new_test_user(cls.env, login, groups=groups, email=f"{login}@v.example")

    @classmethod
    def _new_partner(cls, name, domain):
        """A partner company with one contact.

        :return: (company, contact), both ``res.partner``
        """
        company = cls.env["res.partner"].create(
            {"name": name, "is_company": True, "email": f"info@{domain}"}
        )
        contact = cls.env["res.partner"].create(
            {"name": f"Contact of {name}", "parent_id": company.id, "email": f"contact@{domain}"}
        )
        return company, contact

    @classmethod
    def _enroll(cls, partner, grade=None, program=None, user=None, state="active"):
        program = program or cls.program
        return cls.env["prm.membership"].create(
            {
                "partner_id": partner.id,
                "program_id": program.id,
                "grade_id": (grade or program._prm_tiers()[:1]).id,
                "user_id": (user or cls.manager).id,
                "state": state,
            }
        )

    @classmethod
    def _new_portal_user(cls, contact, role):
        """A portal user for ``contact`` in one of the partner roles, or None for no role."""
        group = f"prm_partner.group_partner_{role}" if role else "base.group_portal"
        return cls.env["res.users"].create(
            {
                "partner_id": contact.id,
                "login": contact.email,
                "password": contact.email,
                "group_ids": [Command.set(cls.env.ref(group).ids)],
            }
        )
