"""The whole life of registrations as a state machine for hypothesis.

Add-ons and further steps extend ``DealMachine`` by rules of their own: ``possible`` says when,
``_pick`` picks a registration, ``_try`` takes the step, and the invariants are checked after each.
"""

from datetime import timedelta

from freezegun import freeze_time
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from odoo import fields
from odoo.exceptions import UserError

START = "2026-03-02 08:00:00"
CUSTOMERS = ("globex", "initech", "umbrella")
PENDING = ("submitted", "in_review", "appealed")
HOLDING = ("approved", "won")
NUMBER = st.integers(0, 10**6)
CLAIM = st.tuples(NUMBER, NUMBER, NUMBER, st.booleans())


def possible(*states):
    """A step that needs a registration in one of these states, or any at all."""
    return precondition(lambda self: self.states & set(states) if states else self.states)


class DealMachine(RuleBasedStateMachine):
    """Three partners, three customers, categories in a tree, and what can happen to their deals.

    ``case`` is the test case in whose transaction it runs; see ``DealCase``. It has the ``users``
    of the partners and the ``categories``, and ``without_commits`` for jobs.
    """

    case = None

    def __init__(self):
        super().__init__()
        self.env = self.case.env
        self.clock = freeze_time(START)
        self.time = self.clock.start()
        self.savepoint = self.env.cr.savepoint().__enter__()
        self.deals = self.env["prm.deal.registration"]
        self.known = self.deals.search([]).ids
        self.orders = self.env["sale.order"]
        self.states = set()

    def teardown(self):
        """Leave the database as it was."""
        self.savepoint.rollback()
        self.savepoint.close(rollback=False)
        self.env.invalidate_all()
        self.clock.stop()

    # Helpers for rules

    def _all(self):
        return self.deals.search([("id", "not in", self.known)], order="id")

    def _pick(self, number, *states):
        """One of the registrations in these states, or none."""
        deals = self._all().filtered(lambda deal: not states or deal.state in states)
        return deals[number % len(deals)] if deals else deals

    def _try(self, step, *arguments):
        """Take a step that may be refused by a message; a refused one leaves nothing behind."""
        try:
            with self.env.cr.savepoint():
                step(*arguments)
                self.env.flush_all()
        except UserError:
            self.env.invalidate_all()
            return False
        return True

    # What people and time do

    @initialize(claims=st.lists(CLAIM, min_size=5, max_size=9))
    def begin(self, claims):
        """Nothing is there yet, and then the partners come."""
        assert not self._all()
        for claim in claims:
            self.submit(claim)

    @rule(claim=CLAIM)
    def submit(self, claim):
        """A partner registers a deal; a large one waits for a person."""
        partner, customer, category, large = claim
        users, categories = self.case.users, self.case.categories
        values = self.case._values(
            name=CUSTOMERS[customer % len(CUSTOMERS)],
            category_id=categories[category % len(categories)].id,
            amount=200000 if large else 5000,
        )
        self._try(self.deals.with_user(users[partner % len(users)]).prm_register, values)

    @possible(*PENDING)
    @rule(number=NUMBER)
    def approve(self, number):
        """Approved against conflicts, if the database lets it."""
        self._try(self._pick(number, *PENDING).action_approve)

    @possible(*PENDING)
    @rule(number=NUMBER)
    def reject(self, number):
        """Refused with a reason."""
        self._try(self._pick(number, *PENDING).action_reject, self.case.reason.id, "No")

    @possible(*PENDING)
    @rule(number=NUMBER)
    def send_back(self, number):
        """Returned to the partner."""
        self._try(self._pick(number, *PENDING).action_return, "More")

    @possible("returned")
    @rule(number=NUMBER)
    def submit_again(self, number):
        """The partner answers."""
        self._try(self._pick(number, "returned").action_submit)

    @possible("approved", "returned", *PENDING)
    @rule(number=NUMBER)
    def withdraw(self, number):
        """The partner gives up, whenever it may."""
        self._try(self._pick(number, "approved", "returned", *PENDING).action_withdraw)

    @rule(days=st.integers(1, 60))
    def wait(self, days):
        """Time passes, and the nightly job runs."""
        self.time.tick(timedelta(days=days))
        self.env.invalidate_all()
        with self.case.without_commits():
            self.deals._cron_expire()

    @possible("approved")
    @rule(number=NUMBER)
    def win(self, number):
        """An order is confirmed."""
        order = self.case._order(self._pick(number, "approved"))
        if self._try(order.action_confirm):
            self.orders |= order

    @precondition(lambda self: self.orders)
    @rule(number=NUMBER)
    def cancel_the_order(self, number):
        """A confirmed order is cancelled after all."""
        order = self.orders[number % len(self.orders)]
        self.orders -= order
        self._try(order._action_cancel)

    @possible(*HOLDING)
    @rule(number=NUMBER)
    def lose(self, number):
        """The opportunity is lost."""
        self._try(self._pick(number, *HOLDING).lead_id.action_set_lost)

    @possible("lost")
    @rule(number=NUMBER)
    def restore(self, number):
        """A lost opportunity is taken up again."""
        self._try(self._pick(number, "lost").lead_id.action_unarchive)

    @possible("approved")
    @rule(number=NUMBER)
    def win_the_stage(self, number):
        """A salesperson moves the opportunity to a won stage, which wins nothing."""
        self._try(self._pick(number, "approved").lead_id.action_set_won)

    @possible(*HOLDING)
    @rule(one=NUMBER, two=NUMBER)
    def merge(self, one, two):
        """Two opportunities become one."""
        leads = self._pick(one, *HOLDING).lead_id | self._all().lead_id[two % 3 :][:1]
        if len(leads) > 1:
            self._try(leads._merge_opportunity)

    @possible(*HOLDING)
    @rule(number=NUMBER, partner=NUMBER)
    def reassign(self, number, partner):
        """A salesperson gives the opportunity to some partner."""
        users = self.case.users
        company = users[partner % len(users)].partner_id.commercial_partner_id
        lead = self._pick(number, *HOLDING).lead_id
        self._try(lead.write, {"partner_assigned_id": company.id})

    @possible(*HOLDING)
    @rule(number=NUMBER)
    def copy_the_opportunity(self, number):
        """A copy is another deal."""
        for lead in self._pick(number, *HOLDING).lead_id:
            assert not lead.copy().registration_ids

    @possible(*PENDING)
    @rule(number=NUMBER)
    def tie(self, number):
        """Staff tie a claim to the opportunity of another one."""
        lead = self._pick(number + 1).lead_id
        self._try(self._pick(number, *PENDING).write, {"lead_id": lead.id})

    # What holds whatever they do

    @invariant()
    def remember_the_states(self):
        """For the preconditions; asked for once after each step."""
        self.env.flush_all()
        self.states = set(self._all().mapped("state"))

    @invariant()
    def no_two_partners_hold_the_same(self):
        """Read from the rows, not from the constraint."""
        rows = self._get_protections()
        for index, one in enumerate(rows):
            for two in rows[index + 1 :]:
                assert one.partner_id == two.partner_id or not self._overlap(one, two), (one, two)

    def _get_protections(self):
        return self.env["prm.deal.protection"].search(
            [("registration_id", "not in", self.known)], order="id"
        )

    def _overlap(self, one, two):
        paths = sorted((one.category_id.parent_path or "", two.category_id.parent_path or ""))
        return (
            one.account_key == two.account_key
            and paths[1].startswith(paths[0])
            and one.date_start <= two.date_end
            and two.date_start <= one.date_end
        )

    @invariant()
    def protections_are_of_deals_that_hold(self):
        """A deal that is approved is protected for its time, one that is closed is not."""
        today = fields.Date.today()
        for deal in self._all():
            rows = deal.protection_ids
            assert rows.partner_id in (rows.partner_id.browse(), deal.partner_id), deal
            if deal.state == "approved":
                assert rows, (deal, "approved without protection")
            if deal.state not in HOLDING:
                assert not rows, (deal, deal.state)
            if deal.state == "approved" and deal.date_protected_until >= today:
                assert set(rows.mapped("date_end")) == {deal.date_protected_until}, deal

    @invariant()
    def opportunities_know_their_deal(self):
        """At most one holds an opportunity, and partner and assignment are its."""
        for lead in self._all().lead_id:
            holding = lead.registration_ids.filtered(lambda deal: deal.state in HOLDING)
            assert len(holding) <= 1, (lead, holding)
            assert lead.registration_id == holding, (lead, holding)
            assert lead.prm_partner_id == holding.partner_id, lead
            if holding:
                assigned = lead.partner_assigned_id.commercial_partner_id
                assert assigned == holding.partner_id, (lead, assigned)
        for deal in self._all().filtered(lambda deal: deal.state in HOLDING):
            assert deal.lead_id, deal

    @invariant()
    def won_means_sold(self):
        """There is an order behind each deal that is won."""
        for deal in self._all():
            assert (deal.state == "won") <= deal._is_sold(), deal

    @invariant()
    def logs_are_whole(self):
        """Each chain verifies, and ends with the state of its deal."""
        deals = self._all()
        assert not self.env["prm.deal.event"]._find_breaks(deals)
        for deal in deals:
            states = [event.data.get("state") for event in deal.event_ids]
            last = [state for state in states if state][-1:]
            assert last in ([], [deal.state]), (deal, deal.state, states)

    @invariant()
    def each_has_its_own_place_in_the_queue(self):
        """The numbers of the submissions are unique."""
        numbers = [deal.submit_number for deal in self._all() if deal.submit_number]
        assert len(numbers) == len(set(numbers)), numbers
