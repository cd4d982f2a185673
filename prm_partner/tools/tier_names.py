"""Names of tiers in spreadsheets. Pure text, no ORM.

Several programs have a tier “Gold”; together with its program the name is unique.
"""

SEPARATOR = ": "


def qualify(fields: list[str], rows: list[list], prefix: str = "") -> list[list]:
    """Put the program's name before the tier's in the rows of an import.

    >>> qualify(["program_id", "grade_id"], [["Resellers", "Gold"], ["Resellers", ""]])
    [['Resellers', 'Resellers: Gold'], ['Resellers', '']]
    >>> qualify(["program_id", "grade_id"], [["Resellers", "Resellers: Gold"]])
    [['Resellers', 'Resellers: Gold']]
    >>> qualify(["name", "grade_id"], [["Acme", "Gold"]])
    [['Acme', 'Gold']]
    >>> qualify(["name", "m/program_id", "m/grade_id"], [["Acme", "Resellers", "Gold"]], "m/")
    [['Acme', 'Resellers', 'Resellers: Gold']]

    :param fields: names of the columns
    :param rows: the values, a list for each row; it is not changed
    :param prefix: what stands before ``program_id`` and ``grade_id`` in the columns' names
    """
    program, tier = f"{prefix}program_id", f"{prefix}grade_id"
    if program not in fields or tier not in fields:
        return rows
    program_column, tier_column = fields.index(program), fields.index(tier)

    def qualified(row):
        start = f"{row[program_column]}{SEPARATOR}"
        if not row[program_column] or not row[tier_column] or row[tier_column].startswith(start):
            return row
        return [*row[:tier_column], start + row[tier_column], *row[tier_column + 1 :]]

    return [qualified(row) for row in rows]
