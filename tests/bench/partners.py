"""Many partners with a business life, for benchmarks: written by one SQL statement a table.

Numbers look random and are the same each time: they come from the number of the partner and of
the document. All partners are members of the first program of the database's first company, half
a year to three years long, evenly spread over its tiers. Facts lie in the last 24 months.

With 10,000 partners this is a vendor of the size that the add-ons are made for: a million lines
of invoices a year, at five lines an invoice, and a million leads in five years. With fewer facts
measuring would cost little, and what a benchmark compares with it would look dear.
"""

from collections.abc import Callable

Execute = Callable[[str], object]

PREFIX = "BENCH"
# documents of each partner
INVOICES = 40
ORDERS = 5
LEADS = 40
RATINGS = 3
VISITS = 25
MESSAGES = 5
DEALS = 4

# Number between 0 and 1 made from the partner's number n and the document's number i.
_CHANCE = "((partner.n * 7919 + i * 104729 + {salt}) % 9973) / 9973.0"
_DAY = "CURRENT_DATE - (" + _CHANCE.format(salt=11) + " * 730)::int"
_BASE = f"""
    WITH program AS (SELECT id, company_id FROM prm_program ORDER BY company_id, id LIMIT 1),
    company AS (SELECT company.id, company.currency_id FROM res_company AS company
                  JOIN program ON program.company_id = company.id),
    partner AS (SELECT id, substr(ref, {len(PREFIX) + 1})::int AS n FROM res_partner
                 WHERE ref LIKE '{PREFIX}%' AND is_company),
    person AS (SELECT id, parent_id FROM res_partner
                WHERE parent_id IN (SELECT id FROM partner)),
    staff AS (SELECT users.id, users.partner_id FROM res_users AS users
               WHERE users.login = 'admin')
"""


def fill(execute: Execute, count: int) -> None:
    """Make ``count`` partners, each with a person, a membership and documents of all kinds.

    :param execute: runs one SQL statement and commits it
    """
    execute(_companies(count))
    for statement in (_PEOPLE, _MEMBERSHIPS, _LEVELS, _HISTORY, _INVOICES, _ORDERS):
        execute(_BASE + statement)
    for statement in (_LEADS, _RATINGS, _VISITS, _MESSAGES, _DEALS):
        execute(_BASE + statement)
    # as in a database that has been in use: else the first reader and autovacuum do it meanwhile
    execute("VACUUM (ANALYZE)")


def _companies(count: int) -> str:
    return f"""
        WITH made AS (
            INSERT INTO res_partner (name, complete_name, ref, is_company, active, type, lang,
                                     partner_share, autopost_bills, email, create_date)
            SELECT 'Bench Partner ' || n, 'Bench Partner ' || n, '{PREFIX}' || n, TRUE, TRUE,
                   'contact', 'en_US', TRUE, 'ask', 'p' || n || '@bench.example', now()
              FROM generate_series(1, {count}) AS n
            RETURNING id)
        SELECT count(*) FROM made;
        UPDATE res_partner SET commercial_partner_id = id
         WHERE ref LIKE '{PREFIX}%' AND commercial_partner_id IS NULL"""


_PEOPLE = """
    INSERT INTO res_partner (name, complete_name, parent_id, commercial_partner_id, is_company,
                             active, type, lang, partner_share, autopost_bills, email, create_date)
    SELECT 'Bench Person ' || n, 'Bench Person ' || n, id, id, FALSE, TRUE, 'contact', 'en_US',
           TRUE, 'ask', 'person' || n || '@bench.example', now()
      FROM partner"""
_MEMBERSHIPS = f"""
    , tiers AS (SELECT array_agg(grade.id ORDER BY grade.sequence, grade.id) AS ids
                  FROM res_partner_grade AS grade JOIN program ON grade.program_id = program.id)
    INSERT INTO prm_membership (partner_id, program_id, company_id, grade_id, state, is_primary,
                                user_id, date_applied, date_activated, date_start, create_date,
                                contact_cadence, last_review_date, next_review_date)
    SELECT partner.id, program.id, program.company_id,
           tiers.ids[1 + partner.n % GREATEST(cardinality(tiers.ids), 1)], 'active', TRUE,
           staff.id, day - 1 - partner.n % 60, day, day, day, 'program', day, CURRENT_DATE
      FROM partner CROSS JOIN program CROSS JOIN tiers CROSS JOIN staff
      CROSS JOIN (VALUES (1)) AS t(i)
      CROSS JOIN LATERAL (SELECT CURRENT_DATE - 180 - ({_CHANCE.format(salt=5)} * 900)::int AS day)
                 AS start"""
_LEVELS = """
    UPDATE res_partner SET grade_id = membership.grade_id
      FROM prm_membership AS membership JOIN partner ON partner.id = membership.partner_id
     WHERE res_partner.id = membership.partner_id"""
_HISTORY = f"""
    INSERT INTO prm_tier_change (membership_id, partner_id, company_id, new_grade_id, date,
                                 reason_text, kind)
    SELECT membership.id, membership.partner_id, membership.company_id, membership.grade_id,
           membership.date_start, '{PREFIX}', 'enrolled'
      FROM prm_membership AS membership JOIN partner ON partner.id = membership.partner_id
     WHERE membership.grade_id IS NOT NULL"""
_INVOICES = f"""
    , journal AS (SELECT journal.id FROM account_journal AS journal
                    JOIN company ON journal.company_id = company.id
                   WHERE journal.type = 'sale' ORDER BY journal.id LIMIT 1)
    INSERT INTO account_move (name, journal_id, company_id, currency_id, state, move_type,
                              auto_post, date, invoice_date, partner_id, commercial_partner_id,
                              amount_untaxed, amount_untaxed_signed,
                              amount_untaxed_in_currency_signed, payment_state)
    SELECT '{PREFIX}/' || partner.n || '/' || i, journal.id, company.id, company.currency_id,
           'posted', CASE WHEN i % 9 = 0 THEN 'out_refund' ELSE 'out_invoice' END,
           'no', day, day, partner.id, partner.id, amount,
           CASE WHEN i % 9 = 0 THEN -amount ELSE amount END,
           CASE WHEN i % 9 = 0 THEN -amount ELSE amount END, 'paid'
      FROM partner CROSS JOIN generate_series(1, {INVOICES}) AS i CROSS JOIN company
      CROSS JOIN journal
      CROSS JOIN LATERAL (SELECT {_DAY} AS day,
                                 round((100 + {_CHANCE.format(salt=23)} * 9000)::numeric, 2)
                                 AS amount) AS fact"""
_ORDERS = f"""
    INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id,
                            date_order, state, currency_id, currency_rate, amount_untaxed,
                            amount_total)
    SELECT '{PREFIX}/' || partner.n || '/' || i, company.id, partner.id, partner.id, partner.id,
           day, CASE WHEN i % 5 = 0 THEN 'draft' ELSE 'sale' END, company.currency_id, 1, amount,
           amount
      FROM partner CROSS JOIN generate_series(1, {ORDERS}) AS i CROSS JOIN company
      CROSS JOIN LATERAL (SELECT {_DAY} AS day,
                                 round((100 + {_CHANCE.format(salt=31)} * 20000)::numeric, 2)
                                 AS amount) AS fact"""
_LEADS = f"""
    INSERT INTO crm_lead (name, type, active, company_id, partner_id, expected_revenue,
                          create_date, date_closed)
    SELECT '{PREFIX}/' || partner.n || '/' || i, 'opportunity', TRUE, company.id, partner.id,
           round(({_CHANCE.format(salt=37)} * 30000)::numeric, 2), day,
           CASE WHEN i % 2 = 0 THEN LEAST(day + 60, CURRENT_DATE) END
      FROM partner CROSS JOIN generate_series(1, {LEADS}) AS i CROSS JOIN company
      CROSS JOIN LATERAL (SELECT {_DAY} AS day) AS fact"""
_RATINGS = f"""
    INSERT INTO rating_rating (res_model_id, res_model, res_id, rated_partner_id, rating, consumed,
                               rated_on, create_date, write_date)
    SELECT model.id, 'res.partner', person.parent_id, person.id, 1 + (partner.n + i) % 5, TRUE,
           day, day, day
      FROM partner JOIN person ON person.parent_id = partner.id
      CROSS JOIN generate_series(1, {RATINGS}) AS i
      CROSS JOIN (SELECT id FROM ir_model WHERE model = 'res.partner') AS model
      CROSS JOIN LATERAL (SELECT {_DAY} AS day) AS fact"""
_VISITS = f"""
    INSERT INTO prm_portal_visit (partner_id, company_partner_id, date)
    SELECT person.id, partner.id, {_DAY}
      FROM partner JOIN person ON person.parent_id = partner.id
      CROSS JOIN generate_series(1, {VISITS}) AS i
    ON CONFLICT DO NOTHING"""
_MESSAGES = f"""
    , subtype AS (SELECT res_id AS id FROM ir_model_data
                   WHERE module = 'mail' AND name = 'mt_comment')
    INSERT INTO mail_message (message_type, model, res_id, author_id, subtype_id, date, body)
    SELECT 'comment', 'res.partner', person.id, staff.partner_id, subtype.id, {_DAY}, '{PREFIX}'
      FROM partner JOIN person ON person.parent_id = partner.id
      CROSS JOIN generate_series(1, {MESSAGES}) AS i CROSS JOIN staff CROSS JOIN subtype"""
_DEALS = f"""
    INSERT INTO prm_deal_registration (name, company_id, partner_id, membership_id, currency_id,
                                       state, customer_name, amount, date_submitted, date_won)
    SELECT '{PREFIX}/' || partner.n || '/' || i, company.id, partner.id, membership.id,
           company.currency_id, CASE WHEN i % 2 = 0 THEN 'won' ELSE 'lost' END,
           'Bench Customer ' || partner.n || '/' || i,
           round(({_CHANCE.format(salt=41)} * 30000)::numeric, 2), day,
           CASE WHEN i % 2 = 0 THEN day END
      FROM partner JOIN prm_membership AS membership ON membership.partner_id = partner.id
      CROSS JOIN generate_series(1, {DEALS}) AS i CROSS JOIN company
      CROSS JOIN LATERAL (SELECT {_DAY} AS day) AS fact"""
