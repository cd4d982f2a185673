from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import account_keys
from .prm_application import OPEN_STATES

# Columns that are compared, by the kind of key: both kinds of domain are compared with each other.
KEY_COLUMNS = (
    ("vat", "key_vat"),
    ("registry", "key_registry"),
    ("domain", "key_domain"),
    ("domain", "key_mail_domain"),
    ("email", "key_email"),
    ("name", "key_name"),
)


class PrmApplicationDuplicate(models.Model):
    """A company that the applicant may be, and what was decided about it."""

    _name = "prm.application.duplicate"
    _description = "Possible Duplicate of an Application"
    _order = "application_id, id"

    application_id = fields.Many2one(
        "prm.application", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="application_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Existing Company",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    other_application_id = fields.Many2one(
        "prm.application", index="btree_not_null", ondelete="cascade", readonly=True
    )
    name = fields.Char(string="Found", compute="_compute_name", compute_sudo=True)
    matched_keys = fields.Char(required=True, readonly=True)
    reasons = fields.Char(string="Equal", compute="_compute_reasons")
    state = fields.Selection(
        [("open", "To Decide"), ("same", "Same Company"), ("distinct", "Another Company")],
        required=True,
        readonly=True,
        default="open",
    )
    note = fields.Char(string="Why Not", help="Why it is another company.")
    user_id = fields.Many2one(
        "res.users", string="Decided By", index="btree_not_null", readonly=True
    )
    date = fields.Datetime(string="Decided On", readonly=True)

    _target_check = models.Constraint(
        "CHECK((partner_id IS NULL) != (other_application_id IS NULL))",
        "A duplicate is either a company or another application.",
    )
    _partner_uniq = models.UniqueIndex(
        "(application_id, partner_id) WHERE partner_id IS NOT NULL",
        "This company is in the list already.",
    )
    _application_uniq = models.UniqueIndex(
        "(application_id, other_application_id) WHERE other_application_id IS NOT NULL",
        "This application is in the list already.",
    )

    @api.depends("partner_id", "other_application_id")
    def _compute_name(self):
        # sudo (compute_sudo): a reviewer must learn that a colleague has the same applicant.
        for duplicate in self:
            duplicate.name = (
                duplicate.partner_id or duplicate.other_application_id
            ).display_name

    @api.depends("matched_keys")
    @api.depends_context("lang")
    def _compute_reasons(self):
        labels = self._get_key_labels()
        for duplicate in self:
            keys = (duplicate.matched_keys or "").split(",")
            duplicate.reasons = ", ".join(label for key, label in labels.items() if key in keys)

    def write(self, vals):
        if not self.env.su and vals.keys() - {"note"}:
            raise UserError(
                self.env._("Decide on duplicates by the buttons; only the note can be edited.")
            )
        return super().write(vals)

    @api.model
    def _get_key_labels(self):
        return {
            "vat": self.env._("tax ID"),
            "registry": self.env._("registration number"),
            "domain": self.env._("website or e-mail domain"),
            "email": self.env._("e-mail address"),
            "name": self.env._("company name"),
        }

    def action_same(self):
        """The applicant is this company.

        An existing company is used by the approval. An earlier application makes this one
        superfluous: it is withdrawn.
        """
        self.ensure_one()
        self._check_open()
        application = self.application_id
        if self.partner_id:
            earlier = application.duplicate_ids.filtered(
                lambda other: other.state == "same" and other.partner_id
            )
            earlier._decide("open")
            self._decide("same")
            application.partner_id = self.partner_id
        else:
            self._decide("same")
            application.action_withdraw()
            application.message_post(
                body=self.env._("It is the same as the application %s.", self.name)
            )

    def action_distinct(self):
        """The applicant is another company; the note says why.

        :raise UserError: there is no note
        """
        for duplicate in self:
            duplicate._check_open()
            if not (duplicate.note or "").strip():
                raise UserError(
                    self.env._("Say in the list why %s is another company.", duplicate.name)
                )
            if duplicate.partner_id and duplicate.partner_id == duplicate.application_id.partner_id:
                duplicate.application_id.partner_id = False
            duplicate._decide("distinct")
        # sudo: what is approved then is checked again, by the program's rule.
        self.application_id.sudo()._try_auto_approve()

    def action_open(self):
        """Open the company or the other application."""
        self.ensure_one()
        return (self.partner_id or self.other_application_id).get_formview_action()

    def _check_open(self):
        self.check_access("write")
        self.application_id.check_access("write")
        self.application_id._check_state(OPEN_STATES)

    def _decide(self, state):
        decided = state != "open"
        # sudo: the right to write was checked; the decision is no field to edit.
        self.sudo().write(
            {
                "state": state,
                "user_id": self.env.uid if decided else False,
                "date": fields.Datetime.now() if decided else False,
            }
        )

    @api.model
    def _detect(self, applications):
        """Find the companies and open applications that these applications may be.

        What was decided about a company stays; what is equal no more and undecided goes. The
        number of queries does not depend on the number of applications.

        :param applications: ``prm.application`` with the rights of the system
        """
        found = self._fetch_matches(applications)
        known = {
            (line.application_id.id, line.partner_id.id, line.other_application_id.id): line
            for line in applications.duplicate_ids
        }
        gone = [line.id for key, line in known.items() if key not in found and line.state == "open"]
        self.browse(gone).unlink()
        decided = self._fetch_decided_pairs(applications)
        self.create(
            [
                self._prepare_vals(applications, key, kinds, decided)
                for key, kinds in found.items()
                if key not in known
            ]
        )

    @api.model
    def _prepare_vals(self, applications, key, kinds, decided):
        application_id, partner_id, other_id = key
        matched = applications.browse(application_id).partner_id.id
        mirrored = decided.get((application_id, other_id))
        state = "same" if partner_id and partner_id == matched else "open"
        return {
            "application_id": application_id,
            "partner_id": partner_id,
            "other_application_id": other_id,
            "matched_keys": ",".join(sorted(kinds)),
            "state": "distinct" if mirrored else state,
            "note": mirrored,
        }

    @api.model
    def _fetch_decided_pairs(self, applications):
        """Notes of decisions that were made from the other side of a pair of applications."""
        lines = self.search(
            [("other_application_id", "in", applications.ids), ("state", "=", "distinct")]
        )
        return {
            (line.other_application_id.id, line.application_id.id): line.note for line in lines
        }

    @api.model
    def _fetch_matches(self, applications):
        """Equal keys.

        :return: ``{(application, partner or False, other application or False): {kinds of key}}``
        """
        wanted = self._get_wanted_keys(applications)
        if not wanted:
            return {}
        self.env["res.partner"].flush_model()
        applications.flush_model()
        branches = [
            branch
            for kind, column in KEY_COLUMNS
            for branch in (
                self._get_partner_branch(kind, column),
                self._get_application_branch(kind, column),
            )
        ]
        query = SQL(
            "WITH wanted (id, company_id, country, kind, value) AS (VALUES %s)"
            " %s ORDER BY 1, 2, 3, 4",
            SQL(", ").join(SQL("(%s, %s, %s, %s, %s)", *row) for row in wanted),
            SQL(" UNION ").join(branches),
        )
        found = {}
        for application_id, partner_id, other_id, kind in self.env.execute_query(query):
            key = (application_id, partner_id or False, other_id or False)
            found.setdefault(key, set()).add(kind)
        return found

    @api.model
    def _get_wanted_keys(self, applications):
        rows = []
        for application in applications:
            keys = application._get_account_keys()
            values = {kind: {keys[kind]} - {None} for kind, _column in KEY_COLUMNS}
            values["domain"] = account_keys.domains(keys)
            rows += [
                (application.id, application.company_id.id, keys["country"] or "", kind, value)
                for kind, found in values.items()
                for value in sorted(found)
            ]
        return rows

    @api.model
    def _get_country_condition(self, kind):
        """Equal names in two different countries are two companies."""
        if kind != "name":
            return SQL("")
        return SQL(
            " AND (wanted.country = '' OR other.key_country IS NULL"
            " OR other.key_country = wanted.country)"
        )

    @api.model
    def _get_partner_branch(self, kind, column):
        return SQL(
            "SELECT wanted.id, COALESCE(other.commercial_partner_id, other.id),"
            " NULL::integer, wanted.kind"
            " FROM wanted JOIN res_partner other ON other.%s = wanted.value"
            " WHERE wanted.kind = %s AND other.active"
            " AND (other.company_id IS NULL OR other.company_id = wanted.company_id)%s",
            SQL.identifier(column),
            kind,
            self._get_country_condition(kind),
        )

    @api.model
    def _get_application_branch(self, kind, column):
        return SQL(
            "SELECT wanted.id, NULL::integer, other.id, wanted.kind"
            " FROM wanted JOIN prm_application other ON other.%s = wanted.value"
            " WHERE wanted.kind = %s AND other.state IN %s AND other.id != wanted.id"
            " AND other.company_id = wanted.company_id%s",
            SQL.identifier(column),
            kind,
            OPEN_STATES,
            self._get_country_condition(kind),
        )
