"""The sounds of the words of the benchmark's names, as the add-on's keys have them."""

from odoo.addons.prm_partner.tools.company_names import block_key

from tests.bench.leads import get_words


def run(_env):
    """
    :return: dict of the sound of each word
    """
    return {word: block_key(word) for word in get_words()}
