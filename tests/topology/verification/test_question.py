"""A person's question, answered in words both ways."""

from __future__ import annotations

import pytest

from tests.builders import a_network
from tests.topology.verification.written import written
from topology.regions import distance_km
from topology.verification.model import Model
from topology.verification.question import NobodyError, Question, Told, put, told
from topology.verification.rules import Traffic
from topology.verification.verdict import as_wanted, model_of
from topology.verification.walk import called

NETWORK = a_network("eastus", "westus")
MODEL = model_of(NETWORK, as_wanted(NETWORK))


def test_a_question_is_answered_there_and_back() -> None:
    """With the route or the rule that decided each step."""
    asked = put(NETWORK, MODEL, "eastus/prod", "westus/nonprod/workload", Traffic())
    answer = told(MODEL, asked)

    assert answer.reason == "works, both ways, by afw-sample-eastus, afw-sample-westus"
    assert "routes/to-westus" in answer.there[3]
    assert "routes/to-eastus" in answer.back[1]


def test_a_question_that_is_denied_names_the_rule() -> None:
    """Asked by addresses here."""
    answer = told(MODEL, put(NETWORK, MODEL, "10.0.16.4", "10.1.32.4", Traffic("tcp", 22)))

    assert not answer.works
    assert "rules/deny-to-prod" in answer.reason


def test_a_form_asks_for_the_port_that_a_sender_sends_from() -> None:
    """Where none is given it is one that nobody has chosen."""
    asked = Question(source="eastus/prod", target="westus/prod", protocol="udp", source_port=53)

    assert str(asked.traffic) == "udp 443 from port 53"
    assert Question(source="eastus/prod", target="westus/prod").traffic == Traffic()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("prod", '"prod" is nobody here; name a spoke as region/spoke'),
        ("8.8.8.8", "8.8.8.8 is in no subnet of the networks that are known"),
        ("eastus/prod/web", "is nobody here"),
        ("internet", "is nobody here"),
    ],
)
def test_a_sender_that_is_nobody_is_refused_with_the_way_out(source: str, says: str) -> None:
    """What can be asked about is said."""
    with pytest.raises(NobodyError, match=says):
        put(NETWORK, MODEL, source, "westus/prod", Traffic())


def test_a_spoke_that_is_not_there_yet_is_told() -> None:
    """In what Azure holds it may be missing."""
    three = a_network("eastus", "westus", "uksouth")

    with pytest.raises(NobodyError, match="Azure holds no subnet"):
        put(three, MODEL, "uksouth/prod", "westus/prod", Traffic())


def test_an_answer_says_which_regions_its_way_crosses_and_how_far_that_is() -> None:
    """From region to region, and where it stands on an assumption, on which."""
    far = told(MODEL, put(NETWORK, MODEL, "eastus/prod", "westus/nonprod", Traffic()))
    near = told(MODEL, put(NETWORK, MODEL, "eastus/prod", "eastus/nonprod", Traffic()))

    assert (far.regions, far.km) == (("eastus", "westus"), distance_km("eastus", "westus"))
    assert (near.regions, near.km) == (("eastus",), 0)
    assert [line.split()[:3] for line in far.stands_on] == [["stands", "on", "mesh_forwards"]]
    assert near.stands_on == ()


def test_what_does_not_work_says_so_and_its_step_once() -> None:
    """The verdict is for below the steps, the reason is the same with the one that decided."""
    answer = told(MODEL, put(NETWORK, MODEL, "eastus/nonprod", "10.1.32.4", Traffic("tcp", 22)))

    assert answer.question == "eastus/nonprod (10.0.16.4) to 10.1.32.4, tcp 22"
    assert answer.verdict == "does not work"
    assert answer.reason == f"does not work: {answer.there[-1]}"


def test_what_nobody_knows_is_not_said_to_fail() -> None:
    """Here a route of the target leads the answer to an appliance."""
    subnets = {"nva": "10.0.1.0/24", "web": "10.0.2.0/24"}
    hub = {"space": "10.0.0.0/16", "subnets": subnets}
    web = {"prefix": "10.1.1.0/24", "routes": {"10.0.2.0/24": "10.0.1.4"}}
    spoke = {"space": "10.1.0.0/16", "subnets": {"web": web}}
    actual = written({"networks": {"hub": hub, "a": spoke}, "peerings": ["hub - a"]})
    model = Model.of(actual)
    answer = told(model, put(NETWORK, model, "10.0.2.4", "10.1.1.4", Traffic()))

    assert not answer.works
    assert answer.verdict == "not known: what becomes of the answer is not known"
    assert answer.reason.startswith(f"{answer.verdict}: a/web goes to 10.0.1.4 in hub, ")


def _guarded(rule: str) -> tuple[Model, Told]:
    """Return the answer to a question whose target has such a rule before it, and the model."""
    subnets = {"asks": "10.0.1.0/24", "web": {"prefix": "10.0.2.0/24", "rules": [rule]}}
    model = Model.of(written({"networks": {"a": {"space": "10.0.0.0/16", "subnets": subnets}}}))
    return model, told(model, put(NETWORK, model, "10.0.1.4", "10.0.2.4", Traffic()))


def test_what_works_by_what_was_read_names_what_was_not() -> None:
    """A rule is about a group of which nobody knows who is in it: it may deny this."""
    _, answer = _guarded("deny in tcp 443 from @servers to *")
    unread = "whom these rules of a-web are about: r0 (servers)"

    assert (answer.works, answer.is_sure, answer.unread) == (True, False, (unread,))
    assert answer.verdict == "works, both ways, by no firewall, by what was read"
    assert answer.said.endswith(f"{answer.verdict}; not read: {unread}")


def test_what_was_not_read_counts_only_on_the_way_and_for_what_is_asked() -> None:
    """Not a rule about another port, nor one before a subnet that is not passed."""
    model, answer = _guarded("deny in tcp 22 from @servers to *")
    guarded, _ = _guarded("deny in tcp 443 from @servers to *")
    aside = told(guarded, put(NETWORK, guarded, "10.0.1.4", "10.0.1.5", Traffic()))
    asked = told(model, put(NETWORK, model, "10.0.1.4", "10.0.2.4", Traffic("tcp", 22)))

    assert (answer.is_sure, aside.is_sure, asked.is_sure) == (True, True, False)


def test_a_dnat_rule_that_a_question_meets_is_named_as_not_read() -> None:
    """Whatever it leads to; what is sent elsewhere does not meet it."""
    hub = {"space": "10.0.0.0/16", "subnets": {"AzureFirewallSubnet": "10.0.0.0/26"}}
    web = {"prefix": "10.1.1.0/24", "routes": {"0.0.0.0/0": "10.0.0.4"}}
    spoke = {"space": "10.1.0.0/16", "subnets": {"web": web}}
    rules = ["dnat tcp 443 from * to 203.0.113.4 on 10.1.1.9:443", "allow any * from * to *"]
    networks = {"hub": {**hub, "firewall": "10.0.0.4"}, "a": spoke}
    policies = {"default": {"rules": rules}}
    model = Model.of(written({"networks": networks, "peerings": ["hub - a"], "policies": policies}))
    met, other = (
        put(NETWORK, model, "10.1.1.4", target, Traffic()).unread
        for target in ("203.0.113.4", "203.0.113.5")
    )

    assert [line.split(":")[0] for line in met] == [
        "what becomes of what DNAT rules of afw-hub translate"
    ]
    assert other == ()


def test_all_of_the_internet_may_be_asked_about() -> None:
    """The answer is for the most of it; for what rules or routes tell apart there is another."""
    hub = {"space": "10.0.0.0/16", "subnets": {"AzureFirewallSubnet": "10.0.0.0/26"}}
    routes = {"0.0.0.0/0": "10.0.0.4", "198.51.100.0/24": "none"}
    web = {"prefix": "10.1.1.0/24", "routes": routes}
    spoke = {"space": "10.1.0.0/16", "subnets": {"web": web}}
    rules = ["deny tcp 443 from * to 203.0.113.0/24", "allow tcp 443 from * to 0.0.0.0/0"]
    networks = {"hub": {**hub, "firewall": "10.0.0.4"}, "a": spoke}
    policies = {"default": {"rules": rules}}
    model = Model.of(written({"networks": networks, "peerings": ["hub - a"], "policies": policies}))
    answer = told(model, put(NETWORK, model, "10.1.1.4", "internet", Traffic()))

    assert answer.verdict == "reaches the internet, by afw-hub"
    assert answer.question == "10.1.1.4 to internet (11.0.0.0), tcp 443"
    assert [line.split(": ")[0] for line in answer.apart] == [
        "otherwise for 198.51.100.0/24",
        "otherwise for 203.0.113.0/24",
    ]
    assert not answer.is_sure


def test_what_names_decide_is_told_where_all_of_the_internet_is_asked_about() -> None:
    """A question with a name has its answer."""
    network = a_network("eastus", egress=[{"name": "registry", "fqdns": ["reg.example.com"]}])
    model = model_of(network, as_wanted(network))
    without, named = (
        told(model, put(network, model, "eastus/prod", "internet", Traffic(name=name)))
        for name in ("", "reg.example.com")
    )

    assert (without.works, named.is_sure) == (False, True)
    assert [line.split(": ") for line in without.apart] == [
        [
            "may be otherwise for names",
            "afw-sample-eastus has rules for reg.example.com (ask with one)",
        ]
    ]


def test_an_id_is_called_the_same_in_lower_case() -> None:
    """As those of peerings are that AVNM is yet to make."""
    network = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/a"

    assert called(network) == "virtualNetworks/a"
    assert called(network.lower()) == "virtualnetworks/a"
    assert called("no rule of afw-sample-eastus") == "no rule of afw-sample-eastus"
