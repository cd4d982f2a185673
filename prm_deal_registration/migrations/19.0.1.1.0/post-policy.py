from odoo.tools import sql


def migrate(cr, version):
    """The numbers that were on the program are those of its main policy now."""
    if not sql.column_exists(cr, "prm_program", "protection_days"):
        return
    cr.execute(
        """
        UPDATE prm_deal_policy AS policy
           SET protection_days = program.protection_days, decision_days = program.decision_days
          FROM prm_program AS program
         WHERE program.id = policy.program_id AND policy.grade_id IS NULL
        """
    )
