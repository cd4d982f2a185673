"""Groups of fields that not every employee reads."""

# Everybody who manages partners; the higher groups imply this one.
STAFF = "prm_partner.group_partner_manager"
# And who pays them.
STAFF_AND_FINANCE = f"{STAFF},prm_partner.group_prm_finance"
