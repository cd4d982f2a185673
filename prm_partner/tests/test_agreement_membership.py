from datetime import date

from odoo.exceptions import UserError

from .agreement_common import AgreementCase

ACTIONS = ("activation", "registration", "payout")


class TestAgreementMembership(AgreementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.send_agreements = True

    def _enroll_new(self, state):
        partner, _contact = self._new_partner("New Partners", "new.example")
        return self._enroll(partner, state=state)

    def test_sent_when_onboarding_starts(self):
        membership = self._enroll_new("applicant")
        self.assertFalse(membership.agreement_ids)
        membership.action_start_onboarding()
        self.assertEqual(membership.agreement_ids.state, "sent")
        membership.action_activate()
        self.assertEqual(len(membership.agreement_ids), 1)

    def test_sent_to_those_who_are_active_at_once(self):
        self.assertEqual(self._enroll_new("active").agreement_ids.state, "sent")

    def test_sent_by_partner_managers_too(self):
        membership = self._enroll_new("applicant")
        membership.with_user(self.manager).action_activate()
        self.assertEqual(membership.agreement_ids.template_id, self.template)

    def test_not_sent_if_the_program_does_not_want_it(self):
        self.program.send_agreements = False
        self.assertFalse(self._enroll_new("active").agreement_ids)

    def test_only_mandatory_current_agreements_are_sent(self):
        self.template.mandatory = False
        self._new_template(publish=False, name="Draft")
        old = self._new_template(
            name="Old", duration_months=0, renewal_months=0, date_end="2020-01-01"
        )
        membership = self._enroll_new("active")
        self.assertFalse(membership.agreement_ids)
        self.assertEqual(old.state, "published")

    def test_blocks(self):
        for action in ACTIONS:
            for blocked in (True, False):
                self.program[f"unsigned_blocks_{action}"] = blocked
                reasons = self.membership.with_user(self.admin)._block_reasons(action)
                with self.subTest(action=action, blocked=blocked):
                    self.assertEqual(len(reasons), int(blocked))
                    if blocked:
                        self.assertIn("Test Agreement", reasons[0])

    def test_signed_blocks_nothing(self):
        for action in ACTIONS:
            self.program[f"unsigned_blocks_{action}"] = True
        template = self._new_template(name="Two sides", countersign=True)
        self._sign_new()
        agreement = self._send(template=template)
        self.assertTrue(self.membership._block_reasons("payout"))
        self._sign(agreement)
        # The partner has done its part; that we have not signed yet is not its fault.
        self.assertEqual(agreement.state, "signed")
        for action in ACTIONS:
            self.assertFalse(self.membership._block_reasons(action))

    def test_other_actions_are_free(self):
        self.assertEqual(self.membership._block_reasons("anything"), [])

    def test_activation(self):
        self.program.unsigned_blocks_activation = True
        membership = self._enroll_new("onboarding")
        with self.assertRaisesRegex(UserError, "Test Agreement"):
            membership.action_activate()
        self.assertEqual(membership.state, "onboarding")
        membership.agreement_ids._record_paper("Paul", "Owner", date(2026, 1, 15), b"%PDF-1.4\n")
        self.assertEqual(membership.state, "active")

    def test_enroll_starts_onboarding_when_something_is_missing(self):
        self.program.unsigned_blocks_activation = True
        partner, _contact = self._new_partner("New Partners", "new.example")
        wizard = self.env["prm.enroll"].create(
            {"partner_id": partner.id, "program_id": self.program.id, "contact_ids": []}
        )
        membership = self.env["prm.membership"].browse(wizard.action_enroll()["res_id"])
        self.assertEqual(membership.state, "onboarding")
        self.assertEqual(membership.agreement_ids.state, "sent")

    def test_earlier_version_counts_while_it_is_in_force(self):
        self._sign_new()
        version = self.template.browse(self.template.action_new_version()["res_id"])
        version.action_publish()
        self.assertFalse(self.membership._block_reasons("registration"))

    def test_missing_agreements_need_no_more_queries_for_more_members(self):
        members = self.env["prm.membership"]
        for number in range(12):
            members |= self._enroll(
                self._new_partner(f"P{number}", f"p{number}.example")[0], state="applicant"
            )
        self.env.flush_all()

        def count(records):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records._get_missing_agreements(("in_force",))
            return self.cr.sql_log_count - before

        count(members)
        self.assertEqual(count(members[:2]), count(members))

    def test_counts_and_buttons(self):
        agreement = self._send()
        self.assertEqual((self.membership.agreement_count, self.membership.unsigned_count), (1, 1))
        self.assertEqual(self.partner.prm_agreement_count, 1)
        agreements = self.env["prm.agreement"]
        for action in (
            self.membership.action_view_agreements(),
            self.partner.action_prm_agreements(),
            self.template.action_view_agreements(),
        ):
            self.assertEqual(agreements.search(action["domain"]), agreement)
        self.assertEqual(agreement.action_view_membership()["res_id"], self.membership.id)
