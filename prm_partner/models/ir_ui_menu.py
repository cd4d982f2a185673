from odoo import api, models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    def load_menus(self, debug):
        """Leave out the setup checklist when there is nothing left to set up.

        Odoo keeps the menus of a user in memory; this depends on data and is added after it.
        """
        menus = super().load_menus(debug)
        menu = self.env.ref("prm_partner.prm_setup_menu", raise_if_not_found=False)
        if not menu or menu.id not in menus or self.env["prm.setup"]._is_open():
            return menus
        return {
            key: {**entry, "children": [child for child in entry["children"] if child != menu.id]}
            for key, entry in menus.items()
            if key != menu.id
        }
