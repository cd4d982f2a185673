"""Many leads and companies with keys, for benchmarks: written by one SQL statement a table.

Names are two made-up words out of a few thousand; every name is carried by several leads, as in a
real pipeline that grows. Seven of ten have mail of their own domain, a third a VAT number. All
numbers come from the number of the row, so that they are the same each time.
"""

from collections.abc import Callable
from itertools import product

Execute = Callable[[str], object]

PREFIX = "BENCH"
HEADS = "ba ce di fo gu ha ke li mo nu pa re si to vu za bra cle dri flo gru pra ste tri"
MIDDLES = "a e i o u an er il on ur"
TAILS = "bel cor dan fex gil hem jor kan lim mox nel pir quo ran sol tur vex wim zon"


def get_words() -> list[str]:
    """Words that are in no list of common words."""
    return ["".join(parts) for parts in product(HEADS.split(), MIDDLES.split(), TAILS.split())]


def make_words(execute: Execute, sounds: dict[str, str]) -> None:
    """Store the words and their sounds for the statements below."""
    rows = ", ".join(
        f"({number}, '{word}', '{sound}')" for number, (word, sound) in enumerate(sounds.items())
    )
    execute(f"CREATE TABLE bench_word (place int PRIMARY KEY, word text, sound text);"
            f" INSERT INTO bench_word VALUES {rows}; ANALYZE bench_word")  # fmt: skip


_COMPANY = """
    FROM generate_series({first}, {last}) AS n
    JOIN bench_word AS one ON one.place = (n * 7919::bigint) % (SELECT count(*) FROM bench_word)
    JOIN bench_word AS two ON two.place = (n * 104729::bigint + n / 5000)
         % (SELECT count(*) FROM bench_word)
    CROSS JOIN LATERAL (SELECT one.word || ' ' || two.word AS name,
         CASE WHEN n % 10 < 7 THEN one.word || two.word || n % 3 || '.com' END AS domain,
         CASE WHEN n % 3 = 0 THEN 'DE' || (100000000 + n) END AS vat,
         '+49' || (3000000000 + n) AS phone,
         CASE WHEN one.sound <= two.sound THEN one.sound || '-' || two.sound
              ELSE two.sound || '-' || one.sound END AS block,
         (10000 + n % 80000) || ':' || (1 + n % 150) AS address) AS made
    CROSS JOIN (SELECT id FROM res_company ORDER BY id LIMIT 1) AS company
    CROSS JOIN (SELECT id FROM res_country WHERE code = 'DE') AS country
"""
_KEYS = "key_name, key_mail_domain, key_vat, key_phone, key_name_block, key_address, key_country"
_VALUES = "made.name, made.domain, made.vat, made.phone, made.block, made.address, 'DE'"


def fill_leads(execute: Execute, first: int, last: int) -> None:
    """Make opportunities number ``first`` to ``last``, without the indexes meanwhile."""
    execute(f"""
        CREATE TABLE bench_index AS SELECT indexname, indexdef FROM pg_indexes
         WHERE tablename = 'crm_lead' AND indexname NOT LIKE '%_pkey';
        DO $$ DECLARE one record; BEGIN
            FOR one IN SELECT * FROM bench_index LOOP
                EXECUTE format('DROP INDEX %I', one.indexname); END LOOP; END $$;
        INSERT INTO crm_lead (name, type, active, won_status, company_id, country_id, partner_name,
                              email_from, email_normalized, email_domain_criterion, phone,
                              phone_sanitized, create_date, {_KEYS})
        SELECT '{PREFIX}/' || n, 'opportunity', TRUE, 'pending', company.id, country.id, made.name,
               'info' || n || '@' || domain, 'info' || n || '@' || domain, '@' || domain,
               made.phone, made.phone, now(), {_VALUES}
        {_COMPANY.format(first=first, last=last)};
        DO $$ DECLARE one record; BEGIN
            FOR one IN SELECT * FROM bench_index LOOP EXECUTE one.indexdef; END LOOP; END $$;
        DROP TABLE bench_index;
        ANALYZE crm_lead""")


def fill_companies(execute: Execute, count: int) -> None:
    """Make companies, every tenth of them a customer."""
    execute(f"""
        INSERT INTO res_partner (name, complete_name, ref, is_company, active, type, lang,
                                 partner_share, autopost_bills, customer_rank, country_id, {_KEYS})
        SELECT made.name, made.name, '{PREFIX}' || n, TRUE, TRUE, 'contact', 'en_US', TRUE, 'ask',
               CASE WHEN n % 10 = 0 THEN 1 ELSE 0 END, country.id, {_VALUES}
        {_COMPANY.format(first=1, last=count)};
        UPDATE res_partner SET commercial_partner_id = id
         WHERE ref LIKE '{PREFIX}%' AND commercial_partner_id IS NULL;
        ANALYZE res_partner""")
