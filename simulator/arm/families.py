"""The four ways in which Azure's network services answer writes (recordings.md section 4).

A family decides status codes, headers and the form of etags; a provider names its own.
"""

import base64
from typing import TYPE_CHECKING, Any

from simulator.arm import malformed
from simulator.arm.call import Call, Reply
from simulator.arm.constraints import LENIENT, STRICT
from simulator.arm.operations import Operation

if TYPE_CHECKING:
    from simulator.arm.world import World


class Family:
    """Microsoft.Network proper: 201 or 200 with `operations`, weak quoted etags."""

    statuses = "operations"
    results = "operationResults"
    constant_polls = False
    # Children repeat the etag of their parent, and a child's write gives a new one.
    shares_etags = True
    # The GET after a PUT shows another etag than the PUT's answer did.
    new_etag_when_done = True
    # The answer to a DELETE shows yet another etag.
    new_etag_on_delete = False
    # The answer to a DELETE has a body that reads Deleting already.
    shows_deleting = False
    # A PUT that changes nothing is work all the same.
    always_works = False
    # Lists know $top (private DNS and the network manager, by their swagger).
    takes_top = False
    # Children show the location of their parent.
    locates_children = False
    top_order: tuple[str, ...] = ("name", "id", "etag", "type", "location", "tags", "properties")
    child_order: tuple[str, ...] = ("name", "id", "etag", "properties", "type")

    # The rules of a body that this service minds, and how it refuses one that breaks them.
    minds = STRICT
    malformed = staticmethod(malformed.network)

    def new_etag(self, world: "World") -> str:
        """Return an etag in the form the body shows."""
        return f'W/"{world.new_guid()}"'

    def etag_header(self, etag: str) -> str:
        """Return the ETag header of a GET."""
        return etag

    def status_url(self, call: Call, operation: Operation) -> str:
        """Return the Azure-AsyncOperation URL; it repeats the request's api-version."""
        return self._url(call, operation, self.statuses)

    def result_url(self, call: Call, operation: Operation) -> str:
        """Return the Location URL of a delete."""
        return self._url(call, operation, self.results)

    def _url(self, call: Call, operation: Operation, segment: str) -> str:
        return (
            f"{call.base_url}/subscriptions/{call.id.subscription}/providers/Microsoft.Network/"
            f"locations/{operation.location}/{segment}/{operation.guid}"
            f"?api-version={operation.api_version}"
        )

    def put_reply(
        self, call: Call, body: dict[str, Any], operation: Operation, *, created: bool
    ) -> Reply:
        """Return the answer to a PUT: no Location and no ETag header."""
        headers = {"Azure-AsyncOperation": self.status_url(call, operation)}
        if not operation.is_done:
            headers["Retry-After"] = call.world.clock.retry_after(operation.retry_after)
        return Reply(201 if created else 200, body, headers)

    def delete_reply(self, call: Call, operation: Operation, body: dict[str, Any]) -> Reply:  # noqa: ARG002
        """Return the answer to a DELETE that takes its time."""
        return Reply(202, None, self.poll_headers(call, operation))

    def poll_headers(self, call: Call, operation: Operation) -> dict[str, str]:
        """Return both URLs and the wait."""
        return {
            "Azure-AsyncOperation": self.status_url(call, operation),
            "Location": self.result_url(call, operation),
            "Retry-After": call.world.clock.retry_after(operation.retry_after),
        }

    def status_reply(self, call: Call, operation: Operation) -> Reply:
        """Return the answer to a poll of the status URL: exactly one or two keys."""
        if not operation.is_done:
            wait = call.world.clock.retry_after(operation.next_poll())
            return Reply(200, {"status": "InProgress"}, {"Retry-After": wait})
        if operation.error is not None:
            # With details, empty or not (recording test_cli_mgmt_network_virtual_network).
            error = {**operation.error, "details": operation.error.get("details", [])}
            return Reply(200, {"status": "Failed", "error": error})
        return Reply(200, {"status": "Succeeded"})

    def result_reply(self, call: Call, operation: Operation) -> Reply:
        """Return the answer to a GET of the Location: 202 while it runs, then 204."""
        headers = self.poll_headers(call, operation)
        if not operation.is_done:
            return Reply(202, None, headers)
        del headers["Retry-After"]
        return Reply(204, None, headers)


class FirewallPolicyFamily(Family):
    """Firewall policies: `nfvOperations`, and a bare GUID as etag that a create keeps."""

    statuses = "nfvOperations"
    results = "nfvOperationResults"
    constant_polls = True
    shares_etags = False
    locates_children = True
    new_etag_when_done = False
    always_works = True
    minds = LENIENT
    malformed = staticmethod(malformed.firewall)
    top_order = ("properties", "id", "name", "type", "etag", "location", "tags")
    child_order = ("properties", "id", "name", "type", "etag", "location")

    def new_etag(self, world: "World") -> str:
        """Return a GUID without quotes."""
        return world.new_guid()

    def etag_header(self, etag: str) -> str:
        """Return the GUID in quotes."""
        return f'"{etag}"'

    def result_reply(self, call: Call, operation: Operation) -> Reply:
        """Return 202 while it runs, then 200 (recorded), where others answer 204."""
        if not operation.is_done:
            return Reply(202, None, self.poll_headers(call, operation))
        return Reply(200, None)

    def delete_reply(self, call: Call, operation: Operation, body: dict[str, Any]) -> Reply:
        """Return 202 with the resource as the body."""
        return Reply(202, body, self.poll_headers(call, operation))


class RuleCollectionGroupFamily(FirewallPolicyFamily):
    """Rule collection groups: as policies, but the end of a write gives a new etag.

    So does a delete, whose answer is the resource (recordings test_azure_firewall_policy
    and Test_Networking_Firewall_20250301_CRUD).
    """

    new_etag_when_done = True
    new_etag_on_delete = True


class PrivateDnsFamily(Family):
    """Private DNS: every write is 202 with an empty object, failures show in the poll."""

    # A change of tags is work too (recording test_PatchZone_ZoneExistsAddTags).
    always_works = True
    statuses = "privateDnsOperationStatuses"
    takes_top = True
    results = "privateDnsOperationResults"
    constant_polls = True
    shares_etags = False
    new_etag_when_done = False
    locates_children = True
    minds = LENIENT
    malformed = staticmethod(malformed.private_dns)
    top_order = ("id", "name", "type", "etag", "location", "tags", "properties")
    child_order = ("id", "name", "type", "etag", "location", "tags", "properties")

    def new_etag(self, world: "World") -> str:
        """Return a GUID without quotes."""
        return world.new_guid()

    def _url(self, call: Call, operation: Operation, segment: str) -> str:
        # The id of an operation says what it does, and where (recordings.md section 4); that
        # its second GUID is the subscription's is seen in all recordings of private DNS.
        name = operation.name.removesuffix("Operation").replace("Put", "Upsert")
        plain = f"FrontEndAsyncOperation;{name};{operation.guid}_{call.id.subscription}"
        token = base64.urlsafe_b64encode(plain.encode()).decode()
        return (
            f"{call.base_url}/subscriptions/{call.id.subscription}/resourceGroups/{call.id.group}"
            f"/providers/Microsoft.Network/{segment}/{token}?api-version={operation.api_version}"
        )

    def put_reply(
        self,
        call: Call,
        body: dict[str, Any],  # noqa: ARG002
        operation: Operation,
        *,
        created: bool,  # noqa: ARG002
    ) -> Reply:
        """Return 202 for a create and for an update alike."""
        return Reply(202, {}, self.poll_headers(call, operation))

    def status_reply(self, call: Call, operation: Operation) -> Reply:
        """Return 202 with all headers while it runs, then 200."""
        if not operation.is_done:
            return Reply(202, {"status": "InProgress"}, self.poll_headers(call, operation))
        if operation.error is not None:
            return Reply(200, {"error": operation.error, "status": "Failed"})
        return Reply(200, {"status": "Succeeded"})

    def result_reply(self, call: Call, operation: Operation) -> Reply:
        """Return 202 while it runs, then 200: no recording shows the end, it is `assumed`."""
        if not operation.is_done:
            return Reply(202, None, self.poll_headers(call, operation))
        return Reply(200, None)


class PrivateDnsRecordFamily(PrivateDnsFamily):
    """Record sets: the same etags, no location, and writes that are done at once."""

    locates_children = False


class PrivateDnsLinkFamily(PrivateDnsFamily):
    """Links between zones and networks: as zones, but with quoted etags of another store."""

    def new_etag(self, world: "World") -> str:
        """Return an etag whose last group is the time (recordings.md section 5)."""
        return f'"{cosmos_tag(world)}"'


def cosmos_tag(world: "World") -> str:
    """Return an etag such as 2a05a971-0000-0100-0000-672e85300000, without quotes."""
    return _cosmos_tag(world.random.getrandbits(32), world)


def next_cosmos_tag(tag: str, world: "World") -> str:
    """Return the tag after this one: the store counts on, and writes down the time."""
    return _cosmos_tag((int(tag.partition("-")[0], 16) + 1) % 2**32, world)


def _cosmos_tag(first: int, world: "World") -> str:
    return f"{first:08x}-0000-0100-0000-{int(world.clock.wall().timestamp()):08x}0000"


NETWORK = Family()
FIREWALL_POLICY = FirewallPolicyFamily()
RULE_COLLECTION_GROUP = RuleCollectionGroupFamily()
PRIVATE_DNS = PrivateDnsFamily()
PRIVATE_DNS_RECORDS = PrivateDnsRecordFamily()
PRIVATE_DNS_LINK = PrivateDnsLinkFamily()
