from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools import review, usage


class ResPartnerGrade(models.Model):
    _inherit = "res.partner.grade"

    program_id = fields.Many2one(
        "prm.program",
        index="btree_not_null",
        ondelete="restrict",
        help="The partner program that this tier belongs to.",
    )
    requirement_ids = fields.One2many(
        "prm.tier.requirement",
        "grade_id",
        string="Requirements",
        copy=True,
        groups="base.group_user",
    )
    points_required = fields.Integer(
        help="How many points a partner needs, from the requirements that give points.",
        groups="base.group_user",
    )

    _points_check = models.Constraint(
        "CHECK(points_required >= 0)", "The points that a tier asks for cannot be negative."
    )
    _name_uniq = models.UniqueIndex(
        "(program_id, (name->>'en_US')) WHERE active AND program_id IS NOT NULL",
        "This program already has a tier with this name. Choose another name.",
    )
    # Deferred: tiers that change places have the same place for a moment.
    _place_excl = models.Constraint(
        "EXCLUDE USING btree (program_id WITH =, sequence WITH =)"
        " WHERE (active AND program_id IS NOT NULL) DEFERRABLE INITIALLY DEFERRED",
        "Two tiers of one program have the same place in the order. Drag the tiers into order in"
        " their program, or give each its own number.",
    )

    @api.constrains("program_id", "company_id")
    def _check_program_company(self):
        for grade in self.filtered("program_id"):
            if grade.company_id and grade.company_id != grade.program_id.company_id:
                raise ValidationError(
                    self.env._(
                        "The tier “%(tier)s” and its program belong to different companies.",
                        tier=grade.name,
                    )
                )

    @api.constrains("points_required", "requirement_ids")
    def _check_points_required(self):
        for grade in self.filtered("points_required"):
            lines = grade.requirement_ids.filtered(lambda line: line.mode == "points")
            available = sum(lines.mapped("points"))
            if grade.points_required > available:
                raise ValidationError(
                    self.env._(
                        "“%(tier)s” asks for %(required)s points, but its requirements give"
                        " %(available)s at most. Ask for fewer, or add requirements that give"
                        " points.",
                        tier=grade.name,
                        required=grade.points_required,
                        available=available,
                    )
                )

    @api.depends("name", "program_id.name")
    @api.depends_context("prm_tier_with_program")
    def _compute_display_name(self):  # pylint: disable=missing-return
        super()._compute_display_name()
        if self.env.context.get("prm_tier_with_program"):
            for grade in self.filtered("program_id"):
                grade.display_name = f"{grade.program_id.name}: {grade.name}"

    @api.model_create_multi
    def create(self, vals_list):
        grades = super().create(self._with_places(vals_list))
        grades._check_places()
        return grades

    def write(self, vals):
        # A refusal says how many partners hold the tier: not to everybody who asks.
        self.check_access("write")
        if vals.get("active") is False or "program_id" in vals:
            self.filtered(
                lambda grade: (
                    vals.get("active") is False or grade.program_id.id != vals["program_id"]
                )
            )._check_unused()
        res = super().write(vals)
        if {"sequence", "program_id", "active"} & vals.keys():
            self._check_places()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        self._check_unused()
        for grade, users in usage.find_users(self).items():
            raise UserError(
                self.env._(
                    "The tier “%(tier)s” cannot be deleted, because it has records of these kinds:"
                    " %(kinds)s. Archive it instead.",
                    tier=grade.name,
                    kinds=", ".join(users),
                )
            )

    def _check_unused(self):
        """A tier that partners hold stays where it is.

        :raise UserError: names the tier and how many hold it
        """
        # sudo: members that another manager looks after hold the tier as well.
        groups = self.env["prm.membership"].sudo()._read_group(
            [("grade_id", "in", self.ids), ("state", "!=", "ended")], ["grade_id"], ["__count"]
        )
        for grade, count in groups:
            raise UserError(
                self.env._(
                    "%(count)s partners hold the tier “%(tier)s”. Give them another tier first.",
                    count=count,
                    tier=grade.name,
                )
            )

    @api.model
    def _with_places(self, vals_list):
        """A new tier whose place in its program is taken becomes the highest one."""
        taken = {}
        domain = [("program_id", "in", [vals.get("program_id") for vals in vals_list])]
        for program, places in self._read_group(domain, ["program_id"], ["sequence:array_agg"]):
            taken[program.id] = set(places)
        completed = []
        for vals in vals_list:
            if vals.get("program_id"):
                places = taken.setdefault(vals["program_id"], set())
                place = vals.get("sequence", 10)
                if place in places:
                    place = max(places) + 10
                places.add(place)
                vals = {**vals, "sequence": place}
            completed.append(vals)
        return completed

    def _check_places(self):
        """Check the order of the tiers when the request is done: until then, tiers may move."""
        if self.program_id:
            self.env.cr.precommit.add(self._check_places_now)

    def _check_places_now(self):
        self.flush_model(["sequence", "program_id", "active"])
        place = SQL.identifier(f"{self._table}_place_excl")
        self.env.cr.execute(SQL("SET CONSTRAINTS %s IMMEDIATE", place))
        self.env.cr.execute(SQL("SET CONSTRAINTS %s DEFERRED", place))
        self.exists().requirement_ids._check_order()

    def _prm_next(self):
        """The tier above this one in the same program, empty for the highest."""
        self.ensure_one()
        return self.program_id._prm_tiers().filtered(
            lambda grade: (grade.sequence, grade.id) > (self.sequence, self.id)
        )[:1]

    def _as_rule(self):
        """This tier for ``tools.review``."""
        self.ensure_one()
        return review.Tier(
            tuple(requirement._as_rule() for requirement in self.requirement_ids),
            self.points_required,
        )
