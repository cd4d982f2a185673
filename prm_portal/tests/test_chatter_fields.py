"""Nothing of the chatter is read, searched or grouped by partners except through its messages."""

from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common import PortalCase

NOTE = "credit limit 7731"


@tagged("post_install", "-at_install")
class TestChatterFields(PortalCase):
    def _get_models(self, user):
        """Models with messages or activities of this set of add-ons that the user reads."""
        return [
            name
            for name, model in self.env.items()
            if (name.startswith("prm.") or name == "res.partner")
            and not model._abstract
            and {"message_ids", "activity_ids"} & model._fields.keys()
            and model.with_user(user).has_access("read")
        ]

    def _get_fields(self, model):
        """Names of the fields that a model has from the chatter."""
        mixins = (self.env["mail.thread"], self.env["mail.activity.mixin"])
        names = {
            name
            for mixin in mixins
            for name in mixin._fields.keys() - self.env["base"]._fields.keys() - {*MAGIC_COLUMNS}
        }
        return sorted(names & model._fields.keys())

    def _call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def _log_notes(self, models):
        for name in models:
            records = self.env[name].search([], order="id desc", limit=40)
            for record in records | self.partner if name == "res.partner" else records:
                if "message_ids" in record._fields:
                    record.message_post(body=NOTE, subtype_xmlid="mail.mt_note")

    def test_models(self):
        models = self._get_models(self.people["admin"])
        for name in (
            "prm.agreement",
            "prm.announcement",
            "prm.business.plan",
            "prm.commission.settlement",
            "prm.credential",
            "prm.deal.registration",
            "prm.membership",
            "prm.onboarding.task",
            "prm.program",
            "res.partner",
        ):
            self.assertIn(name, models)

    @mute_logger("odoo.http")
    def test_notes_cannot_be_guessed(self):
        """A search by a note's text is refused, whatever the way to the messages."""
        user = self.people["admin"]
        models = self._get_models(user)
        self._log_notes(models)
        self._login(user)
        for model in models:
            for path in ("message_ids.body", "website_message_ids.body", "message_ids"):
                if path.split(".")[0] not in self.env[model]._fields:
                    continue
                with self.subTest(model=model, path=path), self.assertRaises(JsonRpcException):
                    self._call(model, "search_count", [(path, "ilike", NOTE)])

    @mute_logger("odoo.http")
    def test_notes_cannot_be_guessed_from_other_models(self):
        self._login(self.people["admin"])
        for model, path in (
            ("prm.deal.registration", "partner_id.message_ids.body"),
            ("prm.membership", "program_id.message_ids.body"),
            ("prm.agreement", "membership_id.message_ids.body"),
            ("res.users", "message_ids.body"),
            ("res.users", "partner_id.message_ids.body"),
        ):
            with self.subTest(model=model, path=path), self.assertRaises(JsonRpcException):
                self._call(model, "search_count", [(path, "ilike", NOTE)])

    @mute_logger("odoo.http")
    def test_no_field_of_the_chatter(self):
        user = self.people["admin"]
        self._login(user)
        for model in self._get_models(user):
            described = self._call(model, "fields_get")
            record = self.env[model].with_user(user).search([], limit=1)
            for name in self._get_fields(self.env[model]):
                with self.subTest(model=model, field=name):
                    self.assertNotIn(name, described)
                    with self.assertRaises(JsonRpcException):
                        self._call(model, "read", record.ids, [name])
                    with self.assertRaises(JsonRpcException):
                        self._call(model, "search_count", [(name, "!=", False)])
                    with self.assertRaises(JsonRpcException):
                        self._call(model, "formatted_read_group", [], [name], ["__count"])

    def test_staff_search_messages(self):
        self.deal.message_post(body=NOTE, subtype_xmlid="mail.mt_note")
        deals = self.env["prm.deal.registration"].with_user(self.program_manager)
        self.assertIn(self.deal, deals.search([("message_ids.body", "ilike", NOTE)]))
