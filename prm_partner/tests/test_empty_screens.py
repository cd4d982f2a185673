from .common import PartnerCase


class TestEmptyScreens(PartnerCase):
    """A list without records says what belongs there, and gives an example."""

    def _get_actions(self):
        names = self.env["ir.model.data"].search(
            [("module", "=", "prm_partner"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(names.mapped("res_id"))
        return actions.filtered(
            lambda action: action.view_mode != "form" and action.target != "new"
        )

    def test_every_list_explains_itself(self):
        actions = self._get_actions()
        self.assertGreater(len(actions), 8)
        for action in actions:
            with self.subTest(action=action.get_external_id()[action.id]):
                self.assertIn("o_view_nocontent_smiling_face", action.help or "")
                self.assertEqual(action.help.count("<p"), action.help.count("</p>"))
                self.assertGreaterEqual(action.help.count("<p"), 2)
