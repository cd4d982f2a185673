from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from .agreement_common import AgreementCase, draw

WIZARDS = (
    "prm.agreement.send",
    "prm.agreement.countersign",
    "prm.agreement.terminate",
    "prm.agreement.ask.again",
    "prm.agreement.paper",
)
INTERNAL_FIELDS = (
    "template_id",
    "family_id",
    "user_id",
    "preview",
    "close_reason",
    "reminder_mark",
    "signature_ids",
    "signer_ids",
)


class TestAgreementSecurity(AgreementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._sign_new()
        cls.rival_agreement = cls._send(cls.rival_membership)
        cls.draft = cls._new_agreement()
        cls.employee = new_test_user(cls.env, "t_employee", groups="base.group_user")

    def _search(self, user, model="prm.agreement"):
        return self.env[model].with_user(user).search([]).sudo()

    def test_partners_see_their_own_that_were_sent(self):
        self.assertEqual(self._search(self.admin), self.agreement)
        self.assertEqual(self._search(self.sales), self.agreement)
        self.assertEqual(self._search(self.rival_admin), self.rival_agreement)
        self.draft.action_cancel()  # never sent, so never the partner's
        self.assertEqual(self._search(self.admin), self.agreement)

    def test_partners_reach_nothing_else(self):
        model = self.env["prm.agreement"].with_user(self.admin)
        for agreement in (self.rival_agreement, self.draft):
            with self.subTest(agreement=agreement.display_name), self.assertRaises(AccessError):
                agreement.with_user(self.admin).read(["body"])
        self.assertEqual(model.search_count([("partner_id", "=", self.rival.id)]), 0)
        groups = model.formatted_read_group([], ["partner_id"], ["__count"])
        self.assertEqual([group["__count"] for group in groups], [1])
        with self.assertRaises(UserError):
            model.search([]).export_data(["partner_id/name"])

    def test_partners_read_no_internal_fields(self):
        agreement = self.agreement.with_user(self.admin)
        self.assertFalse(set(INTERNAL_FIELDS) & agreement.fields_get().keys())
        for name in INTERNAL_FIELDS:
            with self.subTest(field=name), self.assertRaises(AccessError):
                agreement.read([name])
        # What is shown in the portal is readable.
        self.assertTrue(agreement.read(["title", "body", "state", "signed_by", "renews"]))

    def test_partners_read_neither_templates_nor_signatures(self):
        for model in ("prm.agreement.template", "prm.agreement.signature"):
            for user in (self.admin, self.rival_admin):
                with self.subTest(model=model, user=user.login), self.assertRaises(AccessError):
                    self._search(user, model)

    def test_partners_write_nothing(self):
        agreement = self.agreement.with_user(self.admin)
        for operation in ("write", "unlink", "create"):
            self.assertFalse(agreement.has_access(operation))
        for act in (
            agreement.action_send,
            agreement.action_remind,
            agreement.action_cancel,
            agreement.action_give_notice,
            agreement.action_withdraw_notice,
        ):
            with self.subTest(act=act.__name__), self.assertRaises(AccessError):
                act()
        for model in WIZARDS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.admin).create({})

    def test_partners_get_no_files_by_the_orm(self):
        attachment = self.agreement.signature_ids.attachment_id
        for user in (self.admin, self.rival_admin, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                attachment.with_user(user).read(["raw"])

    def test_internal_notes_are_hidden(self):
        self.agreement.message_post(body="They are broke", subtype_xmlid="mail.mt_note")
        messages = self.env["mail.message"].with_user(self.admin).search(
            [("model", "=", "prm.agreement"), ("res_id", "=", self.agreement.id)]
        )
        self.assertTrue(messages)
        self.assertNotIn("They are broke", str(messages.mapped("body")))

    def test_programs_do_not_tell_partners_how_they_treat_agreements(self):
        for name in (
            "send_agreements",
            "unsigned_blocks_activation",
            "unsigned_blocks_registration",
            "unsigned_blocks_payout",
            "agreement_template_ids",
        ):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.program.with_user(self.admin).read([name])

    def test_employees_have_no_access(self):
        for model in ("prm.agreement", "prm.agreement.template", "prm.agreement.signature"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self._search(self.employee, model)

    def test_customers_and_public_have_no_access(self):
        customer = self.env["res.partner"].create({"name": "Customer", "email": "c@c.example"})
        for user in (self._new_portal_user(customer, None), self.env.ref("base.public_user")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._search(user)

    def test_partner_managers_have_their_own_partners(self):
        self.assertIn(self.agreement, self._search(self.manager))
        self.assertNotIn(self.rival_agreement, self._search(self.manager))
        self.assertIn(
            self.agreement.signature_ids, self._search(self.manager, "prm.agreement.signature")
        )
        self.assertNotIn(
            self.agreement.signature_ids,
            self._search(self.other_manager, "prm.agreement.signature"),
        )
        rival = self.rival_agreement.with_user(self.manager)
        for act in (rival.action_cancel, rival.action_remind, rival.action_verify):
            with self.subTest(act=act.__name__), self.assertRaises(AccessError):
                act()
        with self.assertRaises(AccessError):
            rival.create(
                {
                    "membership_id": self.rival_membership.id,
                    "template_id": self._new_template(name="Other").id,
                }
            )

    def test_program_managers_have_all(self):
        found = self._search(self.program_manager)
        self.assertLessEqual(self.agreement | self.rival_agreement, found)

    def test_nobody_writes_signatures(self):
        signatures = self.env["prm.agreement.signature"]
        for user in (self.manager, self.program_manager, self.env.ref("base.user_admin")):
            for operation in ("create", "write", "unlink"):
                with self.subTest(user=user.login, operation=operation):
                    self.assertFalse(signatures.with_user(user).has_access(operation))

    def test_staff_do_not_sign_for_partners(self):
        agreement = self._send(template=self._new_template(name="Other"))
        for user in (self.manager, self.program_manager, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._sign(agreement, user)

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Company B"})
        stranger = new_test_user(
            self.env,
            "t_company_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in ("prm.agreement", "prm.agreement.template", "prm.agreement.signature"):
            with self.subTest(model=model):
                self.assertFalse(self._search(stranger, model))
        with self.assertRaises(AccessError):
            self.agreement.with_user(stranger)._get_pdf()
        with self.assertRaises(AccessError):
            self.agreement.with_user(stranger)._countersign("X", draw(), False)
