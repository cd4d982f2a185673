from odoo import api, fields, models
from odoo.tools import clean_context

from ..tools.amounts import decimal, round_to


class PrmCommissionBasis(models.Model):
    """Which rule covers how much of an invoice, frozen when the invoice is posted.

    Payments come weeks later: by then the partner may have another tier and the product another
    category. What was sold keeps the terms that it was sold under.
    """

    _name = "prm.commission.basis"
    _description = "Commission Basis"
    _order = "move_id desc, id"
    _rec_name = "move_id"

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    membership_id = fields.Many2one(
        "prm.membership", required=True, index=True, ondelete="restrict", readonly=True
    )
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    rule_id = fields.Many2one(
        "prm.commission.rule", required=True, index=True, ondelete="restrict", readonly=True
    )
    date = fields.Date(string="Invoice Date", required=True, readonly=True)
    base_currency_id = fields.Many2one("res.currency", required=True, index=True, readonly=True)
    base_amount = fields.Monetary(
        string="Net Amount",
        currency_field="base_currency_id",
        required=True,
        readonly=True,
        aggregator=None,
        help="Net amount of the invoice lines that the rule covers.",
    )
    currency_id = fields.Many2one("res.currency", required=True, index=True, readonly=True)
    currency_rate = fields.Float(
        digits=0,
        required=True,
        readonly=True,
        aggregator=None,
        help="Units of the plan's currency for one unit of the invoice's currency on its date.",
    )
    amount_expected = fields.Monetary(
        string="Expected Commission",
        compute="_compute_amount_expected",
        store=True,
        help="Commission once the invoice is fully paid.",
    )

    _move_rule_uniq = models.UniqueIndex(
        "(move_id, rule_id)", "The commission basis of this invoice is already known."
    )

    @api.depends("rule_id.rate", "base_amount", "currency_rate")
    def _compute_amount_expected(self):
        for basis in self:
            basis.amount_expected = float(
                round_to(
                    decimal(basis.rule_id.rate)
                    * decimal(basis.base_amount)
                    * decimal(basis.currency_rate)
                    / 100,
                    decimal(basis.currency_id.rounding),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        # The context comes from whoever posts: its defaults have no say in the terms.
        bases = self.with_context(clean_context(self.env.context))
        return super(PrmCommissionBasis, bases).create(vals_list)

    @api.model
    def _ensure(self, invoices):
        """The basis of posted ``invoices``, made where it is missing, dropped where it is outdated.

        :param invoices: ``account.move`` of type ``out_invoice``
        :return: the bases in force
        """
        bases = self.search([("move_id", "in", invoices.ids)])
        outdated = bases.filtered(lambda basis: not basis._is_in_force())
        missing = (invoices - (bases - outdated).move_id).filtered(self._is_commissionable)
        outdated.unlink()
        return (bases - outdated) | self.create(self._prepare_vals_list(missing))

    @api.model
    def _is_commissionable(self, invoice):
        return invoice.state == "posted" and invoice.prm_partner_id and invoice.amount_total > 0

    def _is_in_force(self):
        invoice = self.move_id
        partner = invoice.prm_partner_id.commercial_partner_id
        return invoice.state == "posted" and partner == self.partner_id

    @api.model
    def _prepare_vals_list(self, invoices):
        if not invoices:
            return []
        memberships = self._get_memberships(invoices)
        plans = self._get_plans(memberships)
        grades = self._get_grade_history(memberships)
        vals_list = []
        for invoice in invoices:
            membership, plan = self._choose(invoice, memberships, plans)
            if plan:
                grade = self._get_grade_on(membership, self._get_date(invoice), grades)
                vals_list += self._prepare_invoice_vals(invoice, membership, plan, grade)
        return vals_list

    @api.model
    def _get_date(self, invoice):
        return invoice.invoice_date or invoice.date

    @api.model
    def _get_memberships(self, invoices):
        """Memberships of the partners, those first that a partner is primarily known by."""
        partners = invoices.prm_partner_id.commercial_partner_id
        return self.env["prm.membership"].search(
            [("partner_id", "in", partners.ids), ("state", "!=", "applicant")],
            order="is_primary desc, id",
        )

    @api.model
    def _get_plans(self, memberships):
        return self.env["prm.commission.plan"].search(
            [("program_id", "in", memberships.program_id.ids)]
        )

    @api.model
    def _choose(self, invoice, memberships, plans):
        """The membership and the plan that pay for an invoice; a sale is paid by one program only.

        A registered deal is paid by the program that it was registered in.
        """
        date = self._get_date(invoice)
        partner = invoice.prm_partner_id.commercial_partner_id
        program = invoice.registration_id.program_id
        for membership in memberships.filtered(lambda member: member.partner_id == partner):
            if program and membership.program_id != program:
                continue
            if membership.company_id != invoice.company_id or not self._is_open(membership, date):
                continue
            plan = plans.filtered(
                lambda plan, program=membership.program_id: (
                    plan.program_id == program and plan._is_valid_on(date)
                )
            )
            if plan:
                return membership, plan[0]
        return memberships.browse(), plans.browse()

    @api.model
    def _is_open(self, membership, date):
        if membership.date_start and membership.date_start > date:
            return False
        if membership.date_end and membership.date_end < date:
            return False
        return membership.state != "ended" or bool(membership.date_end)

    @api.model
    def _get_grade_history(self, memberships):
        """Tier changes of all memberships, oldest first, as ``{membership: changes}``."""
        changes = self.env["prm.tier.change"].search(
            [("membership_id", "in", memberships.ids)], order="date, id"
        )
        return changes.grouped("membership_id")

    @api.model
    def _get_grade_on(self, membership, date, history):
        """The tier on a day; before the first known change, the tier that this one left."""
        changes = history.get(membership)
        if not changes:
            return membership.grade_id
        until = changes.filtered(
            lambda change: fields.Datetime.context_timestamp(self, change.date).date() <= date
        )
        if until:
            return until[-1].new_grade_id
        return changes[0].old_grade_id or changes[0].new_grade_id

    @api.model
    def _prepare_invoice_vals(self, invoice, membership, plan, grade):
        date = self._get_date(invoice)
        amounts = {}
        for line in invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product"):
            rule = plan.rule_ids._select(line.product_id, grade, date)
            if rule:
                amounts[rule] = amounts.get(rule, 0.0) + line.price_subtotal
        common = {
            "move_id": invoice.id,
            "partner_id": membership.partner_id.id,
            "company_id": invoice.company_id.id,
            "membership_id": membership.id,
            "grade_id": grade.id,
            "date": date,
            "base_currency_id": invoice.currency_id.id,
            "currency_id": plan.currency_id.id,
            "currency_rate": self._get_currency_rate(invoice, plan.currency_id, date),
        }
        return [
            {**common, "rule_id": rule.id, "base_amount": amount}
            for rule, amount in amounts.items()
            if not invoice.currency_id.is_zero(amount)
        ]

    @api.model
    def _get_currency_rate(self, invoice, currency, date):
        """Units of ``currency`` for one unit of the invoice's currency.

        The document's own rate is taken where it says so: it may have been set by hand.
        """
        if invoice.currency_id == currency:
            return 1.0
        if currency == invoice.company_currency_id and invoice.invoice_currency_rate:
            return 1.0 / invoice.invoice_currency_rate
        return self.env["res.currency"]._get_conversion_rate(
            invoice.currency_id, currency, invoice.company_id, date
        )
