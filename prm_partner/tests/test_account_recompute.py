import json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models import prm_account_keys_recompute as recompute
from ..tools import account_keys
from .common import PartnerCase


@tagged("post_install", "-at_install")
class TestAccountRecompute(PartnerCase):
    """Keys follow what they are made of, and are computed anew when the rules change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create(
            [{"name": f"Siebenhaar {n} GmbH", "is_company": True} for n in range(7)]
        )
        cls.cron = cls.env.ref("prm_partner.ir_cron_account_keys")
        cls.parameters = cls.env["ir.config_parameter"].sudo()

    def _spoil(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET key_name_block = 'old', key_name = NULL WHERE id = ANY(%s)",
            [self.partners.ids],
        )
        self.env.invalidate_all()
        self.parameters.set_param(recompute.VERSION, "1")
        self.parameters.set_param(recompute.PROGRESS, False)

    def _run(self):
        with self.enter_registry_test_mode():
            self.assertIs(self.cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def test_keys_follow_each_write(self):
        partner = self.partners[0]
        before = partner.key_name_block
        partner.write({"name": "Kaltwasser AG", "zip": "10115", "street": "Hauptstr. 5"})
        self.assertNotEqual(partner.key_name_block, before)
        self.assertEqual(partner.key_address, "10115:5")
        partner.zip = False
        self.assertFalse(partner.key_address)

    def test_keys_of_imported_companies(self):
        columns = ["name", "is_company", "zip", "street"]
        result = self.env["res.partner"].load(
            columns,
            [["Siebenhaar KG", "1", "10115", "Hauptstr. 5"], ["Sibenhaar", "1", "80331", "Tal 9"]],
        )
        self.assertFalse(result["messages"])
        partners = self.env["res.partner"].browse(result["ids"])
        self.assertEqual(partners.mapped("key_address"), ["10115:5", "80331:9"])
        self.assertEqual(len(set(partners.mapped("key_name_block"))), 1)

    def test_all_keys_are_computed_anew(self):
        self._spoil()
        self.env["prm.account.keys"]._check_key_version()
        before = self.partners[0].write_date
        self._run()
        self.assertEqual(self.partners[0].key_name, "siebenhaar 0")
        self.assertNotIn("old", self.partners.mapped("key_name_block"))
        self.assertEqual(self.partners[0].write_date, before)
        self.assertEqual(
            self.parameters.get_param(recompute.VERSION), str(account_keys.KEYS_VERSION)
        )
        self.assertEqual(self.env["prm.account.keys"]._get_recompute_progress(), 100)

    def test_a_run_that_was_cut_short_goes_on(self):
        self._spoil()
        self.patch(recompute, "BATCH", 3)
        done, left = self.partners[:3], self.partners[3:]
        position = {"version": account_keys.KEYS_VERSION, "done": {"res.partner": done[-1].id}}
        self.parameters.set_param(recompute.PROGRESS, json.dumps(position))
        progress = self.env["prm.account.keys"]._get_recompute_progress()
        self.assertTrue(0 < progress < 100)
        self._run()
        self.assertEqual(set(done.mapped("key_name_block")), {"old"})
        self.assertNotIn("old", left.mapped("key_name_block"))

    def test_positions_of_another_version_are_worth_nothing(self):
        self._spoil()
        position = {"version": account_keys.KEYS_VERSION - 1, "done": {"res.partner": 10**9}}
        self.parameters.set_param(recompute.PROGRESS, json.dumps(position))
        self._run()
        self.assertNotIn("old", self.partners.mapped("key_name_block"))

    def test_nothing_is_done_twice(self):
        self._run()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET key_name_block = 'old' WHERE id = %s", [self.partners[0].id]
        )
        self._run()
        self.assertEqual(self.partners[0].key_name_block, "old")
        self.env["prm.account.keys"]._restart_recompute()
        self._run()
        self.assertNotEqual(self.partners[0].key_name_block, "old")

    def test_administrators_start_it_and_see_how_far_it_is(self):
        self._run()
        keys = self.env["prm.account.keys"]
        started = keys.action_recompute_keys()
        self.assertIn("background", started["params"]["message"])
        again = keys.action_recompute_keys()
        self.assertIn("0 %", again["params"]["message"])
        for user in (self.program_manager, self._new_portal_user(self.contact, "admin")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                keys.with_user(user).action_recompute_keys()
