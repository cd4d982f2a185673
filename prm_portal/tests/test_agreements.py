import base64

from freezegun import freeze_time

from odoo.addons.prm_partner.tests.agreement_common import draw
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tests.common import JsonRpcException

from .common import PortalCase

PAGES = ("/my/agreements/%s", "/my/agreements/%s/pdf")
UNKNOWN = 2**31 - 1


@tagged("post_install", "-at_install")
class TestAgreements(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.unsigned_blocks_registration = False
        cls.template = cls.env["prm.agreement.template"].create(
            {
                "name": "Test Agreement",
                "program_ids": [Command.set(cls.program.ids)],
                "body": '<p>Terms for <t t-out="object.partner_id.name"/>.</p>',
            }
        )
        cls.template.action_publish()
        cls.agreement = cls._send(cls.membership)
        cls.rival_agreement = cls._send(cls.rival_membership)

    @classmethod
    def _send(cls, membership, template=None):
        agreement = cls.env["prm.agreement"].create(
            {
                "membership_id": membership.id,
                "template_id": (template or cls.template).id,
            }
        )
        agreement.action_send()
        return agreement

    def _sign(self, agreement, name="Ada Acme", text=None, **params):
        return self.make_jsonrpc_request(
            f"/my/agreements/{agreement.id}/sign/{text or agreement.text_sha256}",
            {"name": name, "signature": draw(), **params},
        )

    def test_pages_by_role(self):
        for role, user in self.people.items():
            self._login(user)
            for path in ("/my/agreements", *(path % self.agreement.id for path in PAGES)):
                with self.subTest(role=role, path=path):
                    self._get(path)
        self._login(self.customer_user)
        for path in ("/my/agreements", *(path % self.agreement.id for path in PAGES)):
            with self.subTest(path=path):
                self._get(path, 404)

    def test_foreign_and_unknown_answer_alike(self):
        self._login(self.people["admin"])
        for path in PAGES:
            for record_id in (self.rival_agreement.id, UNKNOWN, 10**30):
                with self.subTest(path=path, record_id=record_id):
                    self._get(path % record_id, 404)
        self.assertNotIn(self.rival_agreement.name, self._get("/my/agreements"))

    def test_drafts_are_not_shown(self):
        other = self.template.copy({"name": "Secret Plans"})
        other.action_publish()
        draft = self.env["prm.agreement"].create(
            {"membership_id": self.membership.id, "template_id": other.id}
        )
        self._login(self.people["admin"])
        self._get(f"/my/agreements/{draft.id}", 404)
        self.assertNotIn("Secret Plans", self._get("/my/agreements"))

    def test_sign(self):
        self._login(self.people["admin"])
        page = self._get(f"/my/agreements/{self.agreement.id}")
        self.assertIn("Terms for Acme Partners", page)
        self.assertIn(f"/sign/{self.agreement.text_sha256}", page)
        answer = self._sign(self.agreement)
        self.assertEqual(answer["redirect_url"], f"/my/agreements/{self.agreement.id}")
        self.assertEqual(self.agreement.state, "in_force")
        signature = self.agreement.signature_ids
        self.assertEqual((signature.name, signature.user_id), ("Ada Acme", self.people["admin"]))
        self.assertTrue(signature.ip)
        page = self._get(f"/my/agreements/{self.agreement.id}")
        self.assertIn("Ada Acme", page)
        self.assertNotIn("prm_sign_dialog", page)

    def test_second_of_two_signers_is_told(self):
        self._login(self.people["admin"])
        self._sign(self.agreement)
        self.assertIn("Ada Acme has signed", self._sign(self.agreement, "Somebody Else")["error"])
        self.assertEqual(len(self.agreement.signature_ids), 1)

    def test_wrong_input_is_answered(self):
        self._login(self.people["admin"])
        for params, said in (
            ({"name": ""}, "full name"),
            ({"name": None}, "full name"),
            ({"signature": None}, "Draw"),
            ({"signature": 5}, "Draw"),
            ({"signature": ["x"]}, "Draw"),
            ({"text": "0" * 64}, "has changed"),
        ):
            with self.subTest(params=params):
                self.assertIn(said, self._sign(self.agreement, **params)["error"])
        self.assertEqual(self.agreement.state, "sent")

    def test_other_roles_read_only(self):
        self._login(self.people["sales"])
        page = self._get(f"/my/agreements/{self.agreement.id}")
        self.assertNotIn("prm_sign_dialog", page)
        self.assertIn(self.people["admin"].name, page)
        self.assertIn("does not sign", self._sign(self.agreement)["error"])
        self.assertEqual(self.agreement.state, "sent")

    def test_rivals_do_not_sign(self):
        self._login(self.rival_user)
        with self.assertRaises(JsonRpcException), self.assertLogs("odoo.http", "WARNING"):
            self._sign(self.agreement)
        self.assertEqual(self.agreement.state, "sent")

    def test_why_it_cannot_be_signed(self):
        version = self.template.browse(self.template.action_new_version()["res_id"])
        version.action_publish()
        self._login(self.people["admin"])
        page = self._get(f"/my/agreements/{self.agreement.id}")
        self.assertIn("newer version", page)
        self.assertNotIn("prm_sign_dialog", page)

    def test_document(self):
        self._login(self.people["admin"])
        path = f"/my/agreements/{self.agreement.id}/pdf"
        self.assertTrue(self.url_open(path).content.startswith(b"%PDF-"))
        self._sign(self.agreement)
        response = self.url_open(path)
        self.assertEqual(response.content, self.agreement.signature_ids.attachment_id.raw)
        file_name = f"{self.agreement.name.replace('/', '-')}.pdf"
        self.assertIn(file_name, response.headers["Content-Disposition"])

    def test_no_way_around_to_the_document(self):
        self._login(self.people["admin"])
        self._sign(self.agreement)
        attachment = self.agreement.signature_ids.attachment_id
        image = base64.b64decode(self.agreement.signature_ids.image)
        for user in (self.rival_user, self.customer_user):
            self._login(user)
            for path in (
                f"/web/content/{attachment.id}",
                f"/web/content/prm.agreement.signature/{self.agreement.signature_ids.id}/image",
                f"/web/image/prm.agreement.signature/{self.agreement.signature_ids.id}/image",
            ):
                with self.subTest(user=user.login, path=path):
                    response = self.url_open(path)
                    self.assertNotEqual(response.content, attachment.raw)
                    self.assertNotEqual(response.content, image)
            path = f"/report/pdf/prm_partner.report_agreement/{self.agreement.id}"
            with self.subTest(user=user.login, path=path):
                response = self.url_open(path, allow_redirects=False)
                self.assertNotIn(b"Ada Acme", response.content)
                self.assertNotIn(b"%PDF", response.content)
                self.assertGreaterEqual(response.status_code, 400)

    def test_first_reading_is_noted(self):
        self._login(self.people["sales"])
        self._get(f"/my/agreements/{self.agreement.id}")
        first = self.agreement.date_read
        self.assertTrue(first)
        with freeze_time("2099-01-01"):
            self.agreement.with_user(self.people["admin"])._mark_read()
        self.assertEqual(self.agreement.date_read, first)

    def test_partner_home_asks_for_the_signature(self):
        self._login(self.people["admin"])
        path = f"/my/agreements/{self.agreement.id}"
        self.assertIn(path, self._get("/my/partner"))
        names = ["prm_agreement_count", "prm_to_sign_count"]
        counters = self.make_jsonrpc_request("/my/counters", {"counters": names})
        self.assertEqual((counters["prm_agreement_count"], counters["prm_to_sign_count"]), (1, 1))
        self._sign(self.agreement)
        self.assertNotIn(path, self._get("/my/partner"))
        counters = self.make_jsonrpc_request("/my/counters", {"counters": names})
        self.assertEqual(counters["prm_to_sign_count"], 0)

    def test_mail_link_leads_to_the_portal(self):
        self._login(self.people["admin"])
        response = self.url_open(
            f"/mail/view?model=prm.agreement&res_id={self.agreement.id}", allow_redirects=False
        )
        location = response.headers["Location"]
        self.assertTrue(location.endswith(f"/my/agreements/{self.agreement.id}"))

    def test_messages(self):
        self.agreement.message_post(body="They are broke", subtype_xmlid="mail.mt_note")
        params = {"thread_model": "prm.agreement", "thread_id": self.agreement.id}
        self._login(self.people["sales"])
        post_data = {
            "body": "Why clause 2?",
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
        }
        self.make_jsonrpc_request("/mail/message/post", {**params, "post_data": post_data})
        messages = str(self.make_jsonrpc_request("/mail/chatter_fetch", params))
        self.assertIn("Why clause 2?", messages)
        self.assertNotIn("broke", messages)
        self._login(self.rival_user)
        self.assertNotIn(
            "Why clause 2?", str(self.make_jsonrpc_request("/mail/chatter_fetch", params))
        )

    def test_list_needs_the_same_queries_for_more(self):
        self._login(self.people["admin"])

        def add(count):
            for number in range(count):
                template = self.template.copy({"name": f"Agreement {number}"})
                template.action_publish()
                self._send(self.membership, template)

        def count_queries(path):
            for _warm_up in range(3):
                self._get(path)
            before = self.cr.sql_log_count
            self._get(path)
            return self.cr.sql_log_count - before

        add(2)
        few = {path: count_queries(path) for path in ("/my/agreements", "/my/partner")}
        add(10)
        for path, count in few.items():
            self.assertEqual(count_queries(path), count, path)
