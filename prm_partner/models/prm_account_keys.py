from odoo import api, fields, models

from ..tools import account_keys

STAFF = "base.group_user"


def _key_field(label, index=None):
    return fields.Char(
        string=label, compute="_compute_account_keys", store=True, index=index, groups=STAFF
    )


class PrmAccountKeys(models.AbstractModel):
    """For models that describe a company: comparable keys, computed in batch and indexed."""

    _name = "prm.account.keys"
    _description = "Account Keys"

    # Equality searches only, and most records lack most keys: partial btree.
    key_vat = _key_field("Key: VAT", index="btree_not_null")
    key_registry = _key_field("Key: Registration Number", index="btree_not_null")
    key_domain = _key_field("Key: Website Domain", index="btree_not_null")
    key_mail_domain = _key_field("Key: E-mail Domain", index="btree_not_null")
    key_email = _key_field("Key: E-mail", index="btree_not_null")
    key_phone = _key_field("Key: Phone", index="btree_not_null")
    key_name = _key_field("Key: Name", index="btree_not_null")
    key_name_block = _key_field("Key: Sound of the Name", index="btree_not_null")
    key_address = _key_field("Key: Postcode and House", index="btree_not_null")
    key_country = _key_field("Key: Country")

    @api.depends(lambda self: self._get_account_key_depends())
    def _compute_account_keys(self):
        for record in self:
            keys = account_keys.account_keys(record._get_account_data())
            for key, value in keys.items():
                record[f"key_{key}"] = value

    @api.model
    def _get_account_key_depends(self):
        """Names of the fields that ``_get_account_data`` reads."""
        return []

    def _get_account_data(self):
        """Description of the company.

        :return: dict as ``tools.account_keys.AccountData``, the country by its ISO code
        """
        self.ensure_one()
        return {}

    def _get_account_keys(self):
        """The stored keys of this record, as ``tools.account_keys`` compares them."""
        self.ensure_one()
        names = account_keys.AccountKeys.__annotations__
        return {name: self[f"key_{name}"] or None for name in names}

    def _get_account(self):
        """This company as it was typed, with its stored keys, as ``tools.account_keys.Account``."""
        return account_keys.Account(self._get_account_data(), self._get_account_keys())
