from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount

from ..tools.amounts import Figures, decimal


class AccountMove(models.Model):
    _inherit = "account.move"

    prm_settlement_id = fields.Many2one(
        "prm.commission.settlement",
        string="Commission Settlement",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="restrict",
        groups="base.group_user",
    )
    prm_commission_entry_ids = fields.One2many(
        "prm.commission.entry",
        "source_move_id",
        string="Commission Entries",
        groups="prm_partner.group_partner_manager,prm_commission.group_commission_auditor",
    )
    prm_commission_entry_count = fields.Integer(
        string="Commission Entry Count",
        compute="_compute_prm_commission_entry_count",
        groups="prm_partner.group_partner_manager,prm_commission.group_commission_auditor",
    )

    # The last word if two people bill one settlement at once.
    _prm_settlement_uniq = models.UniqueIndex(
        "(prm_settlement_id) WHERE prm_settlement_id IS NOT NULL AND state != 'cancel'"
        " AND payment_state != 'reversed'",
        "This settlement already has a bill. Cancel that one first.",
    )

    @api.depends("prm_commission_entry_ids")
    def _compute_prm_commission_entry_count(self):
        groups = self.env["prm.commission.entry"]._read_group(
            [("source_move_id", "in", self.ids)], ["source_move_id"], ["__count"]
        )
        counts = {move.id: count for move, count in groups}
        for move in self:
            move.prm_commission_entry_count = counts.get(move.id, 0)

    def write(self, vals):
        if not {"state", "prm_partner_id", "reversed_entry_id"} & vals.keys():
            return super().write(vals)
        before = self._prm_get_sources()
        res = super().write(vals)
        (before | self._prm_get_sources())._prm_accrue()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_prm_commission(self):
        # sudo: only whether there is an entry leaves this method.
        entries = (
            self.env["prm.commission.entry"]
            .sudo()
            .search(["|", ("move_id", "in", self.ids), ("source_move_id", "in", self.ids)], limit=1)
        )
        if entries:
            move = entries.source_move_id if entries.source_move_id in self else entries.move_id
            raise UserError(
                self.env._(
                    "Commission was booked for “%(move)s”, so it cannot be deleted."
                    " Cancel it instead.",
                    move=move.display_name,
                )
            )

    def _post(self, soft=True):
        self._prm_check_settlement_amount()
        return super()._post(soft)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        # Cancelling takes the payment off the invoice and puts the credit note there: one event for
        # the ledger, a credit note, not two.
        deferred = self.with_context(prm_defer_accrual=True)
        reversals = super(AccountMove, deferred)._reverse_moves(default_values_list, cancel=cancel)
        reversals = reversals.with_context(prm_defer_accrual=False)
        (self._prm_get_sources() | reversals._prm_get_sources())._prm_accrue()
        return reversals

    def action_view_prm_commission_entries(self):
        """Open the ledger entries of this invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_commission.prm_commission_entry_action"
        )
        return {**action, "domain": [("source_move_id", "=", self.id)], "context": {}}

    def _prm_check_settlement_amount(self):
        """What is paid is what the partner and the approver agreed to."""
        # sudo: accountants need not be able to read settlements.
        for bill in self.sudo().filtered("prm_settlement_id"):
            settlement = bill.prm_settlement_id
            if settlement.currency_id != bill.currency_id or bill.currency_id.compare_amounts(
                bill._prm_get_billed_amount(), settlement.amount
            ):
                raise UserError(
                    self.env._(
                        "This bill must amount to %(amount)s without taxes, as approved in the"
                        " settlement %(settlement)s. Correct its lines, or cancel the bill and"
                        " the settlement and settle again.",
                        amount=format_amount(
                            self.env, abs(settlement.amount), settlement.currency_id
                        ),
                        settlement=settlement.name,
                    )
                )

    def _prm_get_billed_amount(self):
        """What a bill pays to the partner, negative for a credit note."""
        # Where the tax is part of the price, the commission is the price.
        included = self.invoice_line_ids.tax_ids.flatten_taxes_hierarchy().filtered("price_include")
        amount = self.amount_total if included else self.amount_untaxed
        return -amount if self.move_type == "in_refund" else amount

    def _prm_get_sources(self):
        """The customer invoices of partner sales that a change of these moves can concern."""
        # sudo: the ledger follows accounting, whoever posts or pays.
        moves = self.sudo()
        refunds = moves.filtered(lambda m: m.move_type == "out_refund")
        unnamed = refunds.filtered(lambda m: not m.reversed_entry_id)
        ordered = unnamed.invoice_line_ids.sale_line_ids.order_id.order_line.invoice_lines.move_id
        invoices = moves | refunds.reversed_entry_id | ordered
        return invoices.filtered(lambda m: m.move_type == "out_invoice" and m.prm_partner_id)

    def _prm_accrue(self):
        """Bring the commission ledger up to date with these customer invoices.

        Books for each invoice and rule the difference between what is due now and what was booked
        before. Calling it again books nothing.

        :return: the new ``prm.commission.entry`` records
        """
        entries = self.env["prm.commission.entry"].sudo()  # sudo: see _prm_get_sources
        if not self or self.env.context.get("prm_defer_accrual"):
            return entries
        invoices = self.sudo()  # sudo: see above
        invoices._prm_lock()
        return entries._accrue(invoices)

    def _prm_lock(self):
        """Let one transaction at a time accrue for an invoice.

        Whoever comes second waits here. The rows are written, not only locked: a transaction that
        waited works on an old snapshot, gets a serialization error and is run again by Odoo.
        """
        self.env.cr.execute(
            SQL(
                """UPDATE account_move SET write_date = write_date WHERE id IN (
                    SELECT id FROM account_move WHERE id IN %s ORDER BY id FOR NO KEY UPDATE)""",
                tuple(self.ids),
            )
        )

    def _prm_get_figures(self):
        """What was paid and credited on these invoices, by one query.

        :return: ``{move_id: (Figures, date of the last payment, id of the last credit note)}``
        """
        self._prm_flush_figures()
        rows = self.env.execute_query(self._prm_get_figures_sql())
        return {
            move_id: (
                Figures(decimal(total), decimal(cash or 0), decimal(credited or 0)),
                cash_date,
                credit_id,
            )
            for move_id, total, cash, cash_date, credited, credit_id in rows
        }

    def _prm_flush_figures(self):
        self.env["account.move"].flush_model(
            [
                "amount_total",
                "amount_total_signed",
                "currency_id",
                "journal_id",
                "move_type",
                "origin_payment_id",
                "reversed_entry_id",
                "state",
                "statement_line_id",
            ]
        )
        self.env["account.move.line"].flush_model(
            [
                "account_id",
                "amount_currency",
                "balance",
                "currency_id",
                "display_type",
                "move_id",
                "sale_line_ids",
            ]
        )
        self.env["account.payment"].flush_model(["amount", "currency_id"])
        self.env["account.partial.reconcile"].flush_model()

    def _prm_get_figures_sql(self):
        """Cash is what reached a bank or cash account; credited is what credit notes took back.

        The rest of what closes an invoice (write-offs, bad debt) is neither. A credit note in
        another currency counts by its share of the invoice in company currency.
        """
        return SQL(
            """
            WITH part AS (
                 SELECT line.move_id AS invoice_id, p.id, p.max_date,
                        p.debit_amount_currency AS amount, other.move_id AS other_id
                   FROM account_move_line line
                   JOIN account_partial_reconcile p ON p.debit_move_id = line.id
                   JOIN account_move_line other ON other.id = p.credit_move_id
                  WHERE line.move_id IN %(ids)s AND line.display_type = 'payment_term'
                  UNION ALL
                 SELECT line.move_id, p.id, p.max_date, -p.credit_amount_currency, other.move_id
                   FROM account_move_line line
                   JOIN account_partial_reconcile p ON p.credit_move_id = line.id
                   JOIN account_move_line other ON other.id = p.debit_move_id
                  WHERE line.move_id IN %(ids)s AND line.display_type = 'payment_term'
                 ),
                 liquid AS (%(liquid)s),
                 linked AS (%(linked)s)
            SELECT invoice.id, invoice.amount_total,
                   CASE WHEN invoice.state = 'posted' THEN cash.amount END, cash.last_date,
                   CASE WHEN invoice.state = 'posted' THEN credit.amount END, credit.last_id
              FROM account_move invoice
              LEFT JOIN LATERAL (
                   SELECT SUM(part.amount * liquid.share) AS amount,
                          (ARRAY_AGG(part.max_date ORDER BY part.id DESC))[1] AS last_date
                     FROM part
                     JOIN liquid ON liquid.move_id = part.other_id
                    WHERE part.invoice_id = invoice.id AND part.amount <> 0
                   ) cash ON TRUE
              LEFT JOIN LATERAL (
                   SELECT SUM(taken.amount) AS amount, MAX(taken.id) AS last_id
                     FROM (
                          SELECT refund.id,
                                 CASE WHEN refund.currency_id = invoice.currency_id
                                      THEN refund.amount_total
                                      ELSE invoice.amount_total * ABS(refund.amount_total_signed
                                           / NULLIF(invoice.amount_total_signed, 0))
                                 END AS amount
                            FROM account_move refund
                           WHERE refund.reversed_entry_id = invoice.id
                             AND refund.move_type = 'out_refund' AND refund.state = 'posted'
                          UNION ALL
                          SELECT linked.refund_id, invoice.amount_total * linked.share
                            FROM linked
                           WHERE linked.invoice_id = invoice.id
                          UNION ALL
                          SELECT refund.id, part.amount
                            FROM part
                            JOIN account_move refund ON refund.id = part.other_id
                           WHERE part.invoice_id = invoice.id
                             AND refund.move_type = 'out_refund'
                             AND refund.reversed_entry_id IS NULL
                             AND NOT EXISTS (SELECT FROM linked
                                              WHERE linked.refund_id = refund.id
                                                AND linked.invoice_id = invoice.id)
                          ) taken
                   ) credit ON TRUE
             WHERE invoice.id IN %(ids)s
            """,
            ids=tuple(self.ids),
            liquid=self._prm_get_liquid_sql(),
            linked=self._prm_get_linked_sql(),
        )

    @api.model
    def _prm_get_liquid_sql(self):
        """The payments and bank entries among the counterparts, and which share of each is money.

        A payment with a write-off closes more of the invoice than what was paid.
        """
        return SQL(
            """
            SELECT other.id AS move_id,
                   LEAST(1, COALESCE(
                       CASE WHEN payment.id IS NOT NULL
                            THEN ABS(payment.amount) / NULLIF(ABS(sums.paid), 0)
                            ELSE ABS(sums.money) / NULLIF(ABS(sums.closed), 0) END, 1)) AS share
              FROM account_move other
              JOIN account_journal journal ON journal.id = other.journal_id
              LEFT JOIN account_payment payment ON payment.id = other.origin_payment_id
              JOIN LATERAL (
                   SELECT SUM(line.balance) FILTER (WHERE account.account_type IN (
                              'asset_receivable', 'liability_payable')) AS closed,
                          SUM(line.amount_currency) FILTER (WHERE account.account_type IN (
                              'asset_receivable', 'liability_payable')
                              AND line.currency_id = payment.currency_id) AS paid,
                          COALESCE(SUM(line.balance) FILTER (WHERE account.account_type IN (
                              'asset_cash', 'liability_credit_card')
                              OR account.id = journal.default_account_id), 0) AS money
                     FROM account_move_line line
                     JOIN account_account account ON account.id = line.account_id
                    WHERE line.move_id = other.id
                   ) sums ON TRUE
             WHERE other.id IN (SELECT other_id FROM part)
               AND other.move_type = 'entry'
               AND (other.origin_payment_id IS NOT NULL OR other.statement_line_id IS NOT NULL
                    OR journal.type IN ('bank', 'cash', 'credit'))
            """
        )

    def _prm_get_linked_sql(self):
        """Credit notes made from a sales order, which name no invoice, spread over its invoices.

        Each earlier invoice bears its part of what was still invoiced then.
        """
        return SQL(
            """
            SELECT source.refund_id, source.invoice_id,
                   source.refunded / NULLIF(SUM(source.open) OVER (
                       PARTITION BY source.refund_id), 0)
                   * source.open / NULLIF(source.total, 0) AS share
              FROM (
                   SELECT refund.id AS refund_id, sold.id AS invoice_id,
                          ABS(refund.amount_total_signed) AS refunded,
                          sold.amount_total_signed AS total,
                          GREATEST(0, sold.amount_total_signed - COALESCE((
                              SELECT SUM(ABS(own.amount_total_signed))
                                FROM account_move own
                               WHERE own.reversed_entry_id = sold.id
                                 AND own.move_type = 'out_refund' AND own.state = 'posted'
                                 AND own.id < refund.id), 0)) AS open
                     FROM (%(pairs)s) pair
                     JOIN account_move refund ON refund.id = pair.refund_id
                     JOIN account_move sold ON sold.id = pair.invoice_id
                   ) source
            """,
            pairs=self._prm_get_pairs_sql(),
        )

    def _prm_get_pairs_sql(self):
        """Posted credit notes without an invoice, and the invoices of the same sales orders."""
        return SQL(
            """
            SELECT DISTINCT refund_order.refund_id, sold.id AS invoice_id
              FROM (
                   SELECT DISTINCT refund.id AS refund_id, ordered.order_id
                     FROM account_move refund
                     JOIN account_move_line line ON line.move_id = refund.id
                     JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = line.id
                     JOIN sale_order_line ordered ON ordered.id = link.order_line_id
                    WHERE refund.id IN (
                          SELECT line.move_id
                            FROM (
                                 SELECT DISTINCT ordered.order_id
                                   FROM account_move_line line
                                   JOIN sale_order_line_invoice_rel link
                                     ON link.invoice_line_id = line.id
                                   JOIN sale_order_line ordered ON ordered.id = link.order_line_id
                                  WHERE line.move_id IN %s
                                 ) own
                            JOIN sale_order_line ordered ON ordered.order_id = own.order_id
                            JOIN sale_order_line_invoice_rel link
                              ON link.order_line_id = ordered.id
                            JOIN account_move_line line ON line.id = link.invoice_line_id)
                      AND refund.move_type = 'out_refund' AND refund.state = 'posted'
                      AND refund.reversed_entry_id IS NULL
                   ) refund_order
              JOIN sale_order_line ordered ON ordered.order_id = refund_order.order_id
              JOIN sale_order_line_invoice_rel link ON link.order_line_id = ordered.id
              JOIN account_move_line line ON line.id = link.invoice_line_id
              JOIN account_move sold ON sold.id = line.move_id
             WHERE sold.move_type = 'out_invoice' AND sold.state = 'posted'
               AND sold.id < refund_order.refund_id
            """,
            tuple(self.ids),
        )
