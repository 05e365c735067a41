"""A recording, from its file to its figures."""

from typing import Any

from tests.contract.replay.builders import GROUP, NETWORK, POLL, exchange
from tests.contract.replay.recordings import Recording, exchanges
from tests.contract.replay.replaying import Figures, replay

_STARTED = {"azure-asyncoperation": f"https://management.azure.com{POLL}?api-version=2024-03-01"}
_OTHER_TYPE = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/one"
_SPACE = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}


def _replayed(*lines: dict[str, Any]) -> Figures:
    return replay(Recording("cli__test", tuple(exchanges(list(lines)))))


def _network(state: str, **properties: Any) -> dict[str, Any]:
    return {
        "name": "spoke",
        "id": NETWORK,
        "etag": 'W/"6fdb2966-6e01-49c6-a2e5-50f811a9e392"',
        "type": "Microsoft.Network/virtualNetworks",
        "location": "westus",
        "properties": {
            "provisioningState": state,
            "resourceGuid": "a7f834b1-418f-48ed-b873-1970b717e116",
            **_SPACE,
            "privateEndpointVNetPolicies": "Disabled",
            "subnets": [],
            "virtualNetworkPeerings": [],
            "enableDdosProtection": False,
            **properties,
        },
    }


_WRITTEN = exchange(
    "PUT",
    status=201,
    headers=_STARTED,
    body={"location": "westus", "properties": _SPACE},
    reply=_network("Updating"),
)


def test_polls_meet_an_operation_that_runs_as_long_as_the_recorded_one() -> None:
    """Their URLs are those that the simulator gave."""
    figures = _replayed(
        _WRITTEN,
        exchange(path=POLL, reply={"status": "InProgress"}, at=3),
        exchange(path=POLL, reply={"status": "Succeeded"}, at=13),
    )
    assert figures.differences == []
    assert (figures.replayed, figures.polls) == (3, 2)


def test_what_a_recording_takes_for_granted_is_built_before() -> None:
    """A group that nobody made, and a network that is read before it is written."""
    etag = {"etag": 'W/"6fdb2966-6e01-49c6-a2e5-50f811a9e392"'}
    figures = _replayed(exchange(headers=etag, reply=_network("Succeeded")))
    assert figures.differences == []


def test_an_answer_that_differs_is_told_with_its_place() -> None:
    """So that whoever reads it knows what to look for."""
    written = {**_WRITTEN, "response_body": _network("Updating", enableDdosProtection=True)}
    (found,) = _replayed(written).differences
    assert found.what == (".properties.enableDdosProtection is False, recorded True",)


def test_other_services_are_counted_and_not_compared() -> None:
    """With the polls of their operations."""
    figures = _replayed(
        exchange("PUT", path=_OTHER_TYPE, status=201, headers=_STARTED, body={}, reply={}),
        exchange(path=POLL, reply={"status": "Succeeded"}, at=3),
    )
    assert figures.replayed == 0
    assert figures.out_of_scope == {"microsoft.compute/virtualmachines": 2}


def test_tags_that_a_stranger_gives_a_group_are_given() -> None:
    """Policies of the recording's subscription tag groups."""
    shown = {
        "id": GROUP,
        "name": "rg",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westus",
        "properties": {"provisioningState": "Succeeded"},
    }
    tagged = {**shown, "tags": {"made": "by a test"}}
    order = ("id", "name", "type", "location", "tags", "properties")
    arranged = {key: tagged[key] for key in order}
    figures = _replayed(exchange(path=GROUP, reply=shown), exchange(path=GROUP, reply=arranged))
    assert figures.differences == []


def test_strangers_resources_are_left_out_of_lists() -> None:
    """The subscription of a recording is full of them."""
    etag = 'W/"bfbf96fb-76d8-4b1b-98fa-d4fd2e55b62c"'
    other = {**_network("Succeeded"), "id": NETWORK.replace("/rg/", "/other/"), "etag": etag}
    path = "/subscriptions/00000000-0000-0000-0000-000000000000"
    everything = f"{path}/providers/Microsoft.Network/virtualNetworks"
    listed = {"value": [other, _network("Succeeded")]}
    own = exchange(headers={"etag": _network("")["etag"]}, reply=_network("Succeeded"))
    figures = _replayed(own, exchange(path=everything, reply=listed))
    assert figures.differences == []


def test_what_an_excerpt_leaves_out_is_built_when_it_is_shown() -> None:
    """A child whose creation was cut, below a network that the recording creates."""
    path, etag = f"{NETWORK}/subnets/one", 'W/"bfbf96fb-76d8-4b1b-98fa-d4fd2e55b62c"'
    subnet = {
        "name": "one",
        "id": path,
        "etag": etag,
        "properties": {
            "provisioningState": "Succeeded",
            "addressPrefix": "10.0.0.0/24",
            "delegations": [],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
        },
        "type": "Microsoft.Network/virtualNetworks/subnets",
    }
    error = {"code": "ResourceGroupNotFound", "message": "Resource group 'rg' could not be found."}
    absent = exchange(path=NETWORK, status=404, reply={"error": error})
    group = exchange("PUT", path=GROUP, status=201, body={"location": "westus"})
    shown = exchange(path=path, headers={"etag": etag}, reply=subnet, at=60)
    figures = _replayed(absent, group, _WRITTEN, shown)
    assert path not in [item.exchange.path for item in figures.differences]


def test_what_azure_refused_of_other_services_is_not_there() -> None:
    """So that references to it fail as they did."""
    path = f"{GROUP}/providers/Microsoft.Network/publicIPPrefixes/prefix"
    address = f"{GROUP}/providers/Microsoft.Network/publicIPAddresses/pip"
    error = {"code": "NotFound", "message": f"Resource {path} not found.", "details": []}
    figures = _replayed(
        exchange("PUT", path=path, status=400, body={"location": "westus"}, reply={}),
        exchange(
            "PUT",
            path=address,
            status=404,
            body={"location": "westus", "properties": {"publicIPPrefix": {"id": path}}},
            reply={"error": error},
        ),
    )
    assert figures.differences == []


def test_what_a_recording_only_names_is_built_around_what_it_shows() -> None:
    """A network that nobody reads, large enough for the subnet that somebody does."""
    etag, path = 'W/"6fdb2966-6e01-49c6-a2e5-50f811a9e392"', f"{NETWORK}/subnets/one"
    subnet = {
        "name": "one",
        "id": path,
        "etag": etag,
        "properties": {
            "provisioningState": "Succeeded",
            "addressPrefix": "192.168.7.0/24",
            "delegations": [],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
        },
        "type": "Microsoft.Network/virtualNetworks/subnets",
    }
    figures = _replayed(exchange(path=path, headers={"etag": etag}, reply=subnet))
    assert figures.differences == []


_TABLE = f"{GROUP}/providers/Microsoft.Network/routeTables/table"
_ROUTE = {"addressPrefix": "10.0.0.0/8", "nextHopType": "None"}


def _route(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "id": f"{_TABLE}/routes/{name}",
        "etag": 'W/"bfbf96fb-76d8-4b1b-98fa-d4fd2e55b62c"',
        "properties": {"provisioningState": "Updating", **_ROUTE, "hasBgpOverride": False},
        "type": "Microsoft.Network/routeTables/routes",
    }


def test_a_parent_is_busy_as_long_as_it_was() -> None:
    """The refusal names another id than the poll URL, as Azure's do."""
    text = (
        "Operation PutRouteOperation (842ee685-6acf-4c5f-b9e9-5f4d7a3d5910) is updating resource "
        f"{_TABLE}. The call can be retried in 14 seconds."
    )
    error = {
        "code": "RetryableError",
        "message": "A retryable error occurred.",
        "details": [{"code": "RetryableErrorDueToAnotherOperation", "message": text}],
    }
    one, two = f"{_TABLE}/routes/one", f"{_TABLE}/routes/two"
    more = {**_ROUTE, "addressPrefix": "172.16.0.0/12"}
    second = _route("two")
    second["properties"]["addressPrefix"] = "172.16.0.0/12"
    second["etag"] = 'W/"0d7c2d8b-6a21-4c3f-9ad1-2f3c1c1f9f55"'
    other = {"azure-asyncoperation": _STARTED["azure-asyncoperation"].replace("6fdb", "7fdb")}
    figures = _replayed(
        exchange(
            "PUT",
            one,
            status=201,
            headers=_STARTED,
            body={"properties": _ROUTE},
            reply=_route("one"),
            at=0,
        ),
        exchange("PUT", two, status=429, body={"properties": more}, reply={"error": error}, at=1),
        exchange(path=POLL, reply={"status": "Succeeded"}, at=3),
        exchange(
            "PUT", two, status=201, headers=other, body={"properties": more}, reply=second, at=16
        ),
    )
    assert [(item.exchange.seq, item.what) for item in figures.differences] == []


def test_who_lives_in_a_subnet_is_shown_whatever_it_is() -> None:
    """A bastion, in capitals and under its own segment (recordings.md section 6)."""
    etag, path = 'W/"6fdb2966-6e01-49c6-a2e5-50f811a9e392"', f"{NETWORK}/subnets/one"
    bastion = f"{GROUP}/providers/Microsoft.Network/bastionHosts/bastion"
    own = f"{bastion}/bastionHostIpConfigurations/ip"
    configuration = {"name": "ip", "id": own, "properties": {"subnet": {"id": path}}}
    made = {"location": "westus", "properties": {"ipConfigurations": [configuration]}}
    capitals = own.replace("/rg/", "/RG/").replace("/bastion/", "/BASTION/")[:-2] + "IP"
    subnet = {
        "name": "one",
        "id": path,
        "etag": etag,
        "properties": {
            "provisioningState": "Succeeded",
            "addressPrefix": "10.0.0.0/24",
            "ipConfigurations": [{"id": capitals}],
            "delegations": [],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
        },
        "type": "Microsoft.Network/virtualNetworks/subnets",
    }
    figures = _replayed(
        exchange("PUT", bastion, status=201, body=made, reply=made),
        exchange(path=path, headers={"etag": etag}, reply=subnet, at=9),
    )
    assert figures.differences == []
