"""Bodies that Azure cannot read, and the words in which each service says so."""

from typing import Any

import pytest

from simulator.arm.constraints import STRICT, Table, breaches
from simulator.arm.json_places import place_of
from tests.simulator.azure import NETWORK, Azure, a_network, a_policy, a_rule_group, an_address
from tests.simulator.manager import A_MANAGER, MANAGER, a_mesh

_CONTRACT = "Microsoft.WindowsAzure.Networking.Nrp.Frontend.Contract.Csm.Public"
_LAMPS = Table(
    {
        "bodies": {"PUT lamps": "#Lamp"},
        "types": {
            "Lamp": {
                "required": ["colour"],
                "members": {
                    "colour": "=Colour",
                    "watts": {"is": "integer", "from": 1, "to": 60},
                    "label": {"is": "string", "longest": 3, "pattern": "^[a-z]*$"},
                    "dimmable": "boolean",
                    "socket": "->walls/sockets",
                    "bulbs": ["#Bulb", "named"],
                    "notes": "any",
                },
            },
            "Bulb": {"by": "kind", "one of": {"Led": "#Led"}},
            "Led": {"members": {"kind": "string", "name": "string", "diodes": "integer"}},
        },
        "values": {"Colour": ["Red", "Green"]},
    }
)


def _found(body: Any) -> list[tuple[str, str]]:
    check, found = _LAMPS.checks["PUT lamps"], list[Any]()
    assert check is not None
    check(body, (), found)
    return [(item.rule, item.path) for item in found]


_SOCKET = "/subscriptions/s/resourceGroups/g/providers/N/walls/w/sockets/one"


@pytest.mark.parametrize(
    "more",
    [
        {"Watts": 60},
        {"watts": "7"},
        {"dimmable": "True"},
        {"label": "abc"},
        {"socket": {"id": _SOCKET}},
        {"socket": None},
        {"bulbs": [{"kind": "LED", "name": "a", "diodes": 3}]},
        {"notes": {"any": ["thing"]}},
    ],
)
def test_what_services_read_is_no_breach(more: dict[str, Any]) -> None:
    """Any case, numbers and flags as text, null for what is not there."""
    assert _found({"colour": "Red", **more}) == []


@pytest.mark.parametrize(
    ("more", "rule", "path"),
    [
        ({"shade": 1}, "member", "shade"),
        ({"colour": None}, "required", "colour"),
        ({"colour": "blue"}, "value", "colour"),
        ({"watts": "many"}, "form", "watts"),
        ({"watts": 1.5}, "form", "watts"),
        ({"watts": 61}, "range", "watts"),
        ({"watts": "0"}, "range", "watts"),
        ({"label": "abcd"}, "range", "label"),
        ({"label": "A"}, "range", "label"),
        ({"dimmable": 1}, "form", "dimmable"),
        ({"socket": {}}, "reference", "socket"),
        ({"socket": {"id": "/walls/w"}}, "target", "socket"),
        ({"bulbs": {}}, "form", "bulbs"),
        ({"bulbs": [{"kind": "Led"}]}, "required", "bulbs[0].name"),
        ({"bulbs": [{"name": "a"}]}, "required", "bulbs[0].kind"),
        ({"bulbs": [{"kind": "Gas", "name": "a"}]}, "value", "bulbs[0].kind"),
    ],
)
def test_each_mistake_is_one_breach_with_its_place(
    more: dict[str, Any], rule: str, path: str
) -> None:
    """The first thing to look at is the path."""
    assert _found({"colour": "Red", **more}) == [(rule, path)]


def test_another_spelling_is_told_and_can_be_corrected() -> None:
    """Services take it; some show their own."""
    check, found, body = _LAMPS.checks["PUT lamps"], list[Any](), {"colour": "gREEN"}
    assert check is not None
    check(body, (), found)
    (only,) = found
    assert only.rule not in STRICT
    only.correct(body)
    assert body == {"colour": "Green"}


def test_types_without_a_table_take_everything() -> None:
    """What no swagger describes is not judged."""
    assert breaches("PUT", "Microsoft.Lamps/lamps", {"any": "thing"}) == []


@pytest.mark.parametrize(
    ("text", "steps", "of_name", "place"),
    [
        ('{"names":1}', ["names"], True, (1, 9)),
        ('{"a": [1, {"b": "cd"}]}', ["a", 1, "b"], False, (1, 20)),
        ('{\n  "a": {"x": []},\n  "b": true\n}', ["b"], False, (3, 11)),
    ],
)
def test_places_are_counted_as_json_net_counts_them(
    text: str, steps: list[str | int], *, of_name: bool, place: tuple[int, int]
) -> None:
    """Characters of the line that were read when it failed."""
    assert place_of(text, steps, of_name=of_name) == place


async def _details(azure: Azure, path: str, body: Any) -> list[dict[str, str]]:
    response = await azure.put(path, body)
    error = response.json()["error"]
    assert response.status_code == 400
    assert (error["code"], error["message"]) == (
        "InvalidRequestFormat",
        "Cannot parse the request.",
    )
    found: list[dict[str, str]] = error["details"]
    return found


async def test_an_unknown_member_is_named_with_type_and_place(azure: Azure) -> None:
    """As in Azure/azure-cli issue 16205."""
    body = a_network()
    body["properties"]["adressSpace"] = {}
    assert await _details(azure, "virtualNetworks/n", body) == [
        {
            "code": "InvalidJson",
            "message": "Could not find member 'adressSpace' on object of type "
            "'VirtualNetworkProperties'. Path 'properties.adressSpace', line 1, position 117.",
        }
    ]


async def test_an_unknown_value_is_named_with_the_type_of_the_values(azure: Azure) -> None:
    """The words are public for this very type."""
    body = an_address(properties={"publicIPAllocationMethod": "playground"})
    (found,) = await _details(azure, "publicIPAddresses/p", body)
    assert found["code"] == "InvalidJson"
    assert found["message"].startswith(
        f"Error converting value \"playground\" to type '{_CONTRACT}.IpAllocationMethod'. "
        "Path 'properties.publicIPAllocationMethod', line 1, position "
    )


async def test_a_child_without_a_name_is_refused_without_details(azure: Azure) -> None:
    """Azure/azure-resource-manager-schemas issue 590."""
    body = a_network()
    body["properties"]["subnets"] = [{"properties": {"addressPrefix": "10.0.0.0/24"}}]
    assert await _details(azure, "virtualNetworks/n", body) == []


async def test_a_reference_needs_an_id_of_the_right_type(azure: Azure) -> None:
    """Azure/azure-quickstart-templates issues 3785 and 2080."""
    await azure.made("virtualNetworks/n", a_network())
    path = "virtualNetworks/n/subnets/a"
    place = "properties.routeTable"

    def subnet(table: Any) -> dict[str, Any]:
        return {"properties": {"addressPrefix": "10.0.0.0/24", "routeTable": table}}

    assert await _details(azure, path, subnet({})) == [
        {
            "code": "MissingJsonReferenceId",
            "message": f"Value for reference id is missing. Path {place}.",
        }
    ]
    wrong = f"{NETWORK}/virtualNetworks/n"
    assert await _details(azure, path, subnet({"id": wrong})) == [
        {
            "code": "InvalidJsonReferenceFormat",
            "message": f"Reference Id {wrong} is not formatted correctly. The Id is expected to "
            f"reference resources of type routeTables. Path {place}.",
        }
    ]


@pytest.mark.parametrize("inline", [True, False])
async def test_a_security_rule_without_a_parameter_is_named(azure: Azure, *, inline: bool) -> None:
    """The words of clong/DetectionLab issue 479."""
    properties = {"priority": 100, "direction": "Inbound", "access": "Allow"}
    path = "networkSecurityGroups/n/securityRules/r"
    body: dict[str, Any] = {"properties": properties}
    if inline:
        rules = [{"name": "r", **body}]
        body = {"location": "westeurope", "properties": {"securityRules": rules}}
        response = await azure.put("networkSecurityGroups/n", body)
    else:
        await azure.made("networkSecurityGroups/n", {"location": "westeurope"})
        response = await azure.put(path, body)
    error = response.json()["error"]
    assert error["code"] == "SecurityRuleParameterMissing"
    assert error["message"] == (
        "Required security rule parameter Protocol is missing for security rule with Id: "
        f"{NETWORK}/{path}."
    )


async def test_firewall_policies_answer_in_the_words_of_their_framework(azure: Azure) -> None:
    """Without envelope, and without a word on what is wrong (pulumi-azure-native issue 2671)."""
    await azure.made("firewallPolicies/policy", a_policy())
    body = a_rule_group()
    body["properties"]["ruleCollections"][0]["action"]["type"] = "Maybe"
    response = await azure.put("firewallPolicies/policy/ruleCollectionGroups/g", body)
    assert response.status_code == 400
    assert response.json() == {
        "Message": "The request is invalid.",
        "ModelState": {
            "resource.properties.ruleCollections[0].action.type": ["An error has occurred."]
        },
    }


async def test_a_link_without_registration_is_refused_without_envelope(azure: Azure) -> None:
    """Azure/azure-rest-api-specs issue 31176."""
    await azure.made("privateDnsZones/z.internal", {"location": "global"})
    body = {"location": "global", "properties": {"registrationEnabled": "perhaps"}}
    response = await azure.put("privateDnsZones/z.internal/virtualNetworkLinks/l", body)
    assert response.status_code == 400
    assert response.json() == {
        "code": "BadRequest",
        "message": "The specified virtual network link registration setting is invalid.",
    }


async def test_the_network_manager_puts_the_message_first(azure: Azure) -> None:
    """Members that it does not know it takes."""
    await azure.put(MANAGER, A_MANAGER)
    await azure.put(f"{MANAGER}/networkGroups/g", {"properties": {"colour": "red"}})
    body = a_mesh("g")
    body["properties"]["connectivityTopology"] = "Ring"
    response = await azure.put(f"{MANAGER}/connectivityConfigurations/c", body)
    assert response.status_code == 400
    assert list(response.json()["error"]) == ["message", "code"]
    commit = await azure.ask("POST", f"{MANAGER}/commit", {"commitType": "Connectivity"})
    assert "targetLocations" in commit.json()["error"]["message"]


async def test_tags_must_be_texts(azure: Azure) -> None:
    """Those of a PATCH too."""
    await azure.made("routeTables/t", {"location": "westeurope", "properties": {}})
    response = await azure.ask("PATCH", "routeTables/t", {"tags": "none"})
    assert response.status_code == 400
