"""What keeps records from being deleted, so that a message can say it before the database does."""


def find_users(records):
    """What refers to these records in a way that does not let them be deleted.

    :param records: recordset; add-ons that refer to its model from elsewhere count as well
    :return: ``{record: names of what uses it}``, in the language of the user; only used records
    """
    # sudo: what the user does not see holds a record as well; only names of models leave this.
    env = records.sudo().with_context(active_test=False).env
    fields = env["ir.model.fields"].search(
        [
            ("relation", "=", records._name),
            ("ttype", "=", "many2one"),
            ("store", "=", True),
            ("on_delete", "=", "restrict"),
        ],
        order="model, name",
    )
    users = {}
    for field in fields:
        groups = env[field.model]._read_group([(field.name, "in", records.ids)], [field.name])
        for [record] in groups:
            users.setdefault(record.with_env(records.env), {})[field.model_id.name] = True
    return {record: list(names) for record, names in users.items()}
