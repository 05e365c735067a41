"""What a forecast refuses: a limit of Azure's, or the team's highest cost."""

from __future__ import annotations

from topology.forecast.forecast import Forecast
from topology.forecast.limits import passed
from topology.network import Network


def refused(network: Network, forecast: Forecast) -> str | None:
    """Return why a plan may not be carried out, with the way out; None where it may.

    It may not where Azure would take no more of something, or where a month would cost more
    than the team's policies allow, or nobody knows whether it would. A plan that makes it cheaper
    may.
    """
    reasons = passed(forecast.limits)
    most, cost = network.topology.policies.monthly_cost, forecast.cost
    if most is not None and cost.after > max(most, cost.before):
        reasons.append(
            f"a month would cost {cost.after:,.2f} {cost.currency}, and the team's policies allow "
            f"{most:,.2f} (`policies.monthly_cost`); take something out of the topology, or have "
            "the figure raised"
        )
    if most is not None and cost.unknown:
        reasons.append(
            f"no price is known for {', '.join(cost.unknown)}, and the team's policies allow "
            f"{most:,.2f} {cost.currency} a month (`policies.monthly_cost`); give the price table "
            "a price for it (docs/forecast.md)"
        )
    if not reasons:
        return None
    return "; ".join([*reasons, "nothing was written"])
