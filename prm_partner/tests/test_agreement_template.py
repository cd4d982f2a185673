from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from .agreement_common import AgreementCase


class TestAgreementTemplate(AgreementCase):
    def test_mistakes_in_the_text_are_refused(self):
        draft = self._new_template(publish=False, name="Draft")
        for body, said in (
            ('<p><t t-out="object.partner_id.nonsense"/></p>', "nonsense"),
            ('<p><t t-out="object."/></p>', "object."),
            ("<p>{{ object.partner_id.nonsense }}</p>", "nonsense"),
            ('<p><t t-call="web.layout"/></p>', "t-call"),
            ('<p t-att-title="object.name">x</p>', "t-att-title"),
            ('<p t-field="object.partner_id">x</p>', "t-field"),
            ('<p><img src="/web/image/1"/></p>', "picture"),
        ):
            with self.subTest(body=body), self.assertRaisesRegex(ValidationError, said):
                draft.body = body

    def test_message_names_the_merge_fields(self):
        with self.assertRaisesRegex(ValidationError, "object.partner_id.vat"):
            self._new_template(body='<p><t t-out="object.x"/></p>')

    def test_text_reaches_no_records(self):
        """Neither records nor the environment: only what is a merge field."""
        draft = self._new_template(publish=False, name="Draft")
        for expression in (
            "object.env",
            "object.partner_id.sudo()",
            "env['res.users'].search([])",
            "user.login",
            "object.__class__",
            "object.__dict__",
            "request.env",
        ):
            for body in (f'<p><t t-out="{expression}"/></p>', f"<p>{{{{ {expression} }}}}</p>"):
                with self.subTest(body=body), self.assertRaises(ValidationError):
                    draft.body = body

    def test_values_are_escaped(self):
        self.partner.name = "<script>alert(1)</script>Acme"
        agreement = self._send()
        self.assertNotIn("<script", agreement.body)
        self.assertIn("&lt;script&gt;", agreement.body)

    def test_scripts_of_the_text_are_dropped(self):
        template = self._new_template(
            name="Script", body='<p onclick="alert(1)">Text</p><script>alert(1)</script>'
        )
        body = self._send(template=template).body
        self.assertIn("Text", body)
        self.assertNotIn("alert", body)

    def test_conditions(self):
        body = (
            '<p><t t-if="object.renewal_months">Renewed for'
            ' <t t-out="object.renewal_months"/></t><t t-else="">Once</t></p>'
        )
        for months, said in ((6, "Renewed for 6"), (0, "Once")):
            template = self._new_template(name=said, body=body, renewal_months=months)
            with self.subTest(months=months):
                self.assertIn(said, self._send(template=template).body)

    def test_merge_fields_are_typed_as_in_mail_templates(self):
        template = self._new_template(
            name="Typed", body="<p>Ours: {{ object.company_id.name }}, <b>{{object.title}}</b></p>"
        )
        body = self._send(template=template).body
        self.assertIn(f"Ours: {self.company.name}, <b>Typed</b>", body)

    def test_each_merge_field_has_a_value(self):
        agreement = self._new_agreement()
        self.assertEqual(
            agreement._get_merge_values("en_US").keys(), self.template._get_merge_fields().keys()
        )

    def test_language_of_the_partner(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        template = self._new_template(publish=False, name="Bilingual")
        template.with_context(lang="ru_RU").body = "<p>Договор</p>"
        template.action_publish()
        self.partner.lang = "ru_RU"
        self.assertIn("Договор", self._send(template=template).body)
        other = self._send(self.rival_membership, template)
        self.assertIn("Between us", other.body)

    def test_mistake_in_a_translation(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        template = self._new_template(publish=False, name="Bilingual")
        with self.assertRaises(ValidationError):
            template.update_field_translations(
                "body", {"ru_RU": '<p><t t-out="object.nonsense"/></p>'}
            )

    def test_published_terms_are_fixed(self):
        for vals in (
            {"body": "<p>Other</p>"},
            {"name": "Other"},
            {"duration_months": 1},
            {"countersign": True},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.template.write(vals)
        with self.assertRaises(UserError):
            self.template.update_field_translations("body", {"en_US": "<p>Other</p>"})
        self.template.mandatory = False  # how it is used may change

    def test_status_is_set_by_buttons_only(self):
        draft = self._new_template(publish=False, name="Draft").with_user(self.program_manager)
        with self.assertRaises(UserError):
            draft.state = "published"
        with self.assertRaises(UserError):
            draft.create({"name": "X", "state": "published"})
        sneaky = draft.with_context(default_state="published").create({"name": "X"})
        self.assertEqual(sneaky.state, "draft")

    def test_empty_text_is_not_published(self):
        with self.assertRaises(ValidationError):
            self._new_template(body="<p><br/></p>")

    def test_new_version(self):
        action = self.template.action_new_version()
        draft = self.env["prm.agreement.template"].browse(action["res_id"])
        self.assertEqual((draft.version, draft.state, draft.name), (2, "draft", "Test Agreement"))
        self.assertEqual(draft.family_id, self.template)
        self.assertEqual(self.template.action_new_version()["res_id"], draft.id)
        draft.body = "<p>Second</p>"
        draft.action_publish()
        self.assertEqual((draft.state, self.template.state), ("published", "replaced"))
        self.assertIn("Between us", self.template.body)

    def test_one_published_version_in_the_database(self):
        draft = self.template.browse(self.template.action_new_version()["res_id"])
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            draft.sudo().state = "published"
            self.env.flush_all()

    def test_used_versions_stay(self):
        self._send()
        with self.assertRaises(UserError):
            self.template.action_draft()
        with self.assertRaises(UserError):
            self.template.unlink()

    def test_unused_version_becomes_a_draft_again(self):
        self.template.action_draft()
        self.template.body = "<p>Corrected</p>"
        self.template.action_publish()
        self.assertEqual(self.template.state, "published")

    def test_copy_is_another_agreement(self):
        copy = self.template.copy()
        self.assertEqual((copy.version, copy.family_id, copy.state), (1, copy, "draft"))

    def test_program_of_another_company(self):
        other = self.env["res.company"].create({"name": "Company B"})
        program = self.env["prm.program"].create({"name": "B", "company_id": other.id})
        with self.assertRaises(ValidationError):
            self._new_template(name="X", program_ids=[Command.set(program.ids)])

    def test_signers_are_roles_of_the_portal(self):
        for groups in (self.env.ref("base.group_user"), self.env["res.groups"]):
            with self.subTest(groups=groups.mapped("name")), self.assertRaises(ValidationError):
                self._new_template(name="X", signer_group_ids=[Command.set(groups.ids)])

    def test_numbers(self):
        for vals in ({"notice_days": -1}, {"duration_months": 0, "renewal_months": 12}):
            with (
                self.subTest(vals=vals),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self._new_template(publish=False, name="X", **vals)
                self.env.flush_all()

    def test_only_program_managers_write_templates(self):
        template = self.template.with_user(self.manager)
        self.assertTrue(template.read(["body"]))
        for act in (template.action_new_version, template.action_draft, template.action_publish):
            with self.subTest(act=act.__name__), self.assertRaises(AccessError):
                act()
        with self.assertRaises(AccessError):
            template.mandatory = False

    def test_preview_says_what_is_wrong(self):
        draft = self.env["prm.agreement.template"].new(
            {"name": "X", "body": '<p><t t-out="object.nonsense"/></p>'}
        )
        self.assertIn("nonsense", draft.preview)
        self.assertIn("Northwind", self.template.preview)
        self.assertIn("{{ object.partner_id.name }}", self.template.merge_help)
