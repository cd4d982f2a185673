from odoo import fields, models


class PrmDueDiligenceItem(models.Model):
    """What a program wants to know for sure of everyone who applies."""

    _name = "prm.due.diligence.item"
    _description = "Due Diligence Item"
    _order = "program_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True, help="What to look at, and where.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    program_id = fields.Many2one("prm.program", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    required = fields.Boolean(default=True, help="It must be OK before the approval.")
    evidence_required = fields.Boolean(
        string="Evidence", help="It cannot be OK without a file that shows it."
    )
    validity_months = fields.Integer(
        string="Valid (Months)",
        default=12,
        help="Months after which it is looked at again. Zero: once is enough.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Checked By",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Empty: by the reviewer of the application.",
    )

    _validity_check = models.Constraint(
        "CHECK(validity_months >= 0)", "The number of months cannot be negative."
    )

    def _prepare_check_vals(self, application):
        """Values of the line that this item adds to the checklist of an application."""
        self.ensure_one()
        return {
            "application_id": application.id,
            "item_id": self.id,
            "name": self.name,
            "sequence": self.sequence,
            "required": self.required,
            "evidence_required": self.evidence_required,
            "validity_months": self.validity_months,
            "user_id": self.user_id.id,
        }
