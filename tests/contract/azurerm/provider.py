"""Asks as azurerm and its SDK ask: the same requests, the same ways of waiting.

The ways are those of go-azure-sdk, sdk/client/resourcemanager: `poller.go` decides which
one, `poller_lro.go`, `poller_provisioning_state.go` and `poller_delete.go` are the three.
"""

import copy
from dataclasses import dataclass
from typing import Any

import httpx

from simulator.clock import ManualClock
from simulator.settings import Settings

SUBSCRIPTION = f"/subscriptions/{Settings().subscription_ids[0]}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
_NETWORK = f"{GROUP}/providers/Microsoft.Network"
_USUAL_VERSION = "2025-01-01"
_USUAL_WAIT = 10
_PATIENCE = 400


class ContractError(AssertionError):
    """An answer with which azurerm stops."""


def full(path: str) -> str:
    """Return the path of a resource, of the group itself when it is empty."""
    return f"{_NETWORK}/{path}" if path else GROUP


def filled(value: Any) -> Any:
    """Return a body of the table with ids in place of their short forms."""
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    if isinstance(value, str):
        text = full(value.removeprefix("id:")) if value.startswith("id:") else value
        return text.replace("{subscription}", SUBSCRIPTION)
    return value


def at(body: Any, path: str) -> Any:
    """Return what a dotted path finds in a body, None where it ends."""
    for part in path.split("."):
        if isinstance(body, list):
            body = body[int(part)] if int(part) < len(body) else None
        else:
            body = body.get(part) if isinstance(body, dict) else None
    return body


def changed(body: Any, path: str, value: Any) -> Any:
    """Return a copy of a body with one property set, or left out when the value is None."""
    whole = copy.deepcopy(body)
    *above, last = path.split(".")
    place = whole
    for part in above:
        place = place.setdefault(part, {})
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return whole


@dataclass
class Provider:
    """One run of the provider against a simulator in process."""

    client: httpx.AsyncClient
    clock: ManualClock

    # --- what it does with a resource -----------------------------------------------------

    async def create(self, item: dict[str, Any]) -> None:
        """Create as `resourceXCreate` does, and end with what `resourceXRead` reads."""
        if "associates" in item:
            await self._associate(item, on=True)
            return
        missing = await self._get(item)
        self._expect(missing.status_code == httpx.codes.NOT_FOUND, "the import check", missing)
        await self._put(item, filled(item["body"]))
        for _ in range(item.get("settles", 0)):
            await self._settled(item, item["path"])
        if item.get("settles_parent"):
            await self._settled(item, item["path"].rsplit("/", 2)[0])
        await self.read(item)

    async def read(self, item: dict[str, Any]) -> Any:
        """Read as `resourceXRead` does; every id is compared by case."""
        answer = await self._get(item)
        self._expect(answer.status_code == httpx.codes.OK, "the read", answer)
        body = answer.json()
        self._expect(body["id"] == full(item["path"]), "the id's case", answer)
        for path, wanted in item["reads"].items():
            self._expect(at(body, path) == filled(wanted), path, answer)
        for child, values in item.get("reads_too", {}).items():
            answer = await self._ask("GET", full(f"{item['path']}/{child}"), item)
            self._expect(answer.status_code == httpx.codes.OK, f"the read of {child}", answer)
            for path, wanted in values.items():
                self._expect(at(answer.json(), path) == filled(wanted), path, answer)
        return body

    async def update(self, item: dict[str, Any]) -> None:
        """Read the whole, change one property, put the whole back, and read."""
        body = await self.read(item)
        (path, value), *_ = item["again"].items()
        await self._put(item, changed(body, path, value))
        answer = await self._get(item)
        self._expect(at(answer.json(), path) == value, "the update", answer)

    async def delete(self, item: dict[str, Any]) -> None:
        """Delete as `resourceXDelete` does, and wait where it waits."""
        if "associates" in item:
            await self._associate(item, on=False)
            return
        how = item["delete"]
        if how.get("empty"):
            query = {"$expand": "provisioningState", "$top": "10"}
            left = await self._ask("GET", f"{GROUP}/resources", item, query)
            self._expect(left.json()["value"] == [], "the list of what is left", left)
        answer = await self._ask("DELETE", full(item["path"]), item, how.get("query"))
        self._expect(answer.status_code in {200, 202, 204}, "the delete", answer)
        if how["gone"]:
            await self._gone(item)

    async def _associate(self, item: dict[str, Any], *, on: bool) -> None:
        """Write one link of a subnet that stands on its own in Terraform."""
        found = (await self._get(item)).json()
        (path, value), *_ = item["associates"].items()
        before = None if on else filled(value)
        if at(found, path) != before:
            raise ContractError(f"{item['resource']}: {path} is {at(found, path)}, not {before}")
        await self._put(
            item, changed(found, path.removesuffix(".id"), _link(value) if on else None)
        )
        if on:
            await self._settled(item, item["path"])
            await self._settled(item, item["path"].rsplit("/", 2)[0])
            await self.read(item)

    # --- one request ----------------------------------------------------------------------

    async def _get(self, item: dict[str, Any]) -> httpx.Response:
        return await self._ask("GET", full(item["path"]), item)

    async def _ask(
        self,
        method: str,
        path: str,
        item: dict[str, Any],
        query: dict[str, str] | None = None,
        body: Any = None,
    ) -> httpx.Response:
        params = {"api-version": item.get("version", _USUAL_VERSION), **(query or {})}
        headers = item.get("headers") if method in {"PUT", "DELETE"} else None
        return await self.client.request(method, path, params=params, json=body, headers=headers)

    async def _put(self, item: dict[str, Any], body: Any) -> None:
        path = full(item["path"])
        answer = await self._ask("PUT", path, item, item.get("query"), body)
        self._expect(answer.status_code in {200, 201, 202}, "the write", answer)
        waits = item.get("waits", "operation")
        if waits == "none":
            return
        where = answer.headers.get("azure-asyncoperation") or answer.headers.get("location")
        self._expect((where is not None) == (waits == "operation"), "where to poll", answer)
        await self._done(where, _wait(answer, _USUAL_WAIT))

    # --- waiting --------------------------------------------------------------------------

    async def _done(self, where: str, wait: int) -> None:
        """Poll an operation as poller_lro.go does."""
        for _ in range(_PATIENCE):
            self.clock.advance(wait)
            answer = await self.client.get(where)
            known = answer.status_code in {200, 201, 202, 204, 404}
            self._expect(known, "the poll", answer)
            if answer.status_code in {202, 404}:
                wait = _wait(answer, wait)
                continue
            is_json = "application/json" in answer.headers.get("content-type", "").lower()
            empty = answer.headers.get("content-length") == "0"
            self._expect(
                is_json or (empty and answer.status_code == httpx.codes.OK), "form", answer
            )
            status = "Succeeded" if empty else _status(answer.json())
            self._expect(status not in {"failed", "canceled"}, "the operation", answer)
            if status.lower() == "succeeded":
                return
            wait = _wait(answer, wait)
        raise ContractError(f"{where} does not end")

    async def _settled(self, item: dict[str, Any], path: str) -> None:
        """Poll the state of a resource as the provider's StateChangeConf does."""
        for _ in range(_PATIENCE):
            answer = await self._ask("GET", full(path), item)
            self._expect(answer.status_code == httpx.codes.OK, "the state", answer)
            state = at(answer.json(), "properties.provisioningState")
            if state == "Succeeded":
                return
            self._expect(state == "Updating", "the state on the way", answer)
            self.clock.advance(_USUAL_WAIT)
        raise ContractError(f"{path} does not settle")

    async def _gone(self, item: dict[str, Any]) -> None:
        """Poll the resource as poller_delete.go does: it asks for no operation."""
        for _ in range(_PATIENCE):
            self.clock.advance(_USUAL_WAIT)
            answer = await self._get(item)
            self._expect(answer.status_code in {200, 404}, "the resource meanwhile", answer)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return
        raise ContractError(f"{item['path']} does not go")

    @staticmethod
    def _expect(true: bool, what: str, answer: httpx.Response) -> None:  # noqa: FBT001 - as assert
        if not true:
            request = f"{answer.request.method} {answer.request.url}"
            raise ContractError(f"{what}: {request}\n{answer.status_code} {answer.text}")


def _link(value: str) -> dict[str, str]:
    return {"id": str(filled(value))}


def _wait(answer: httpx.Response, usual: int) -> int:
    """Return Retry-After where it is a whole number: others are not read."""
    given = answer.headers.get("retry-after", "")
    return int(given) if given.isdigit() else usual


def _status(body: Any) -> str:
    return str(body.get("status") or at(body, "properties.provisioningState") or "").lower()
