"""The people in the demo data, shown after the start."""

DEMO_PASSWORD = "demo-prm-2026"

# login, password, who it is
DEMO_LOGINS = (
    ("admin", "admin", "administrator"),
    ("olivia", DEMO_PASSWORD, "program manager"),
    ("marc", DEMO_PASSWORD, "partner manager"),
    ("finn", DEMO_PASSWORD, "finance, approves commissions"),
    ("anna@northwind.example", DEMO_PASSWORD, "partner: administrator of Northwind Systems"),
    ("ben@northwind.example", DEMO_PASSWORD, "partner: salesperson of Northwind Systems"),
    ("carla@contoso.example", DEMO_PASSWORD, "partner: administrator of the rival Contoso"),
    ("henning@hansekontor.example", DEMO_PASSWORD, "partner: a distributor with resellers"),
    ("rafael@ribera.example", DEMO_PASSWORD, "partner: administrator of Ribera, in onboarding"),
    ("ivan@romashka.example", DEMO_PASSWORD, "partner: administrator of Romashka, in Russian"),
)


def table(demo: bool) -> str:
    """The logins as text, one a line."""
    rows = DEMO_LOGINS if demo else DEMO_LOGINS[:1]
    width = max(len(login) for login, _, _ in rows)
    return "\n".join(f"  {login:<{width}}  {password:<14} {who}" for login, password, who in rows)
