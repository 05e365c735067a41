"""One fault, a value: which requests it is meant for, when, and what it does to them."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

# Where in the life of a request a fault strikes.
Stage = Literal["sign-in", "gateway", "request", "deployment", "slow", "stale"]
Method = Literal["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"]
Side = Literal["before", "after"]

_ERROR = ("status", "code", "message", "details", "body", "gateway", "retry_after")
# Conditions last; what else can go wrong goes wrong once, unless told otherwise.
_CONDITIONS = ("outage", "latency", "slower", "stale", "until")
# What the gateway says of a provider that is silent, as users quote it in issues (azure-cli
# 31815, terraform-provider-azurerm 8169). That a region which is out answers so, and at
# once instead of after the gateway's patience, is `assumed`.
_OUTAGE = {
    "status": 504,
    "code": "GatewayTimeout",
    "message": "The gateway did not receive a response from 'Microsoft.Network' within the "
    "specified time period.",
}
# Types that no resource has: reached only by faults that name them.
POLLS = "operations"
# Entra refuses to give a token; Resource Manager refuses the others.
_TOKENS: dict[str, tuple[Stage, ...]] = {"refused": ("sign-in",)}
_NETWORK = "microsoft.network/"


@dataclass(frozen=True, slots=True)
class Target:
    """What a fault is matched against: one request, or one region of a commit."""

    method: str
    type: str
    name: str = ""
    region: str | None = None


class Fault(BaseModel):
    """One fault: which requests it hits, when and how often, and what happens to them.

    Only one thing happens: an error (the default), or one of `drop`, `hang`, `throttle`,
    `outage`, `token`, `stale`, or slowness (`latency` and `slower`, or one of them).
    docs/simulator.md describes them all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # Which requests: what is left None hits any. `type` is a resource type, a type and a
    # POST action below it, or "operations" for polls.
    method: Annotated[Method, BeforeValidator(lambda text: str(text).upper())] | None = None
    type: str | None = None
    region: str | None = None
    name: str | None = None

    # When: seconds of simulated time from the moment the fault was given. How often:
    # `times` None means for good.
    after: float = Field(0.0, ge=0)
    until: float | None = Field(None, gt=0)
    times: int | None = Field(1, ge=1)
    probability: float = Field(1.0, gt=0, le=1)

    # An error: of the request, of the answer alone ("answer": what was asked goes on), of its
    # operation ("provisioning": it is accepted and ends in Failed), or of a commit in one
    # region ("deployment").
    when: Literal["request", "answer", "provisioning", "deployment"] = "request"
    status: int = Field(500, ge=400, le=599)
    code: str = "InternalServerError"
    message: str = "An error occurred."
    details: list[dict[str, Any]] | None = None
    # In place of Azure's envelope.
    body: Any = None
    # The error is the gateway's, and says so in a header.
    gateway: bool = False
    retry_after: float | None = Field(None, ge=0)

    # No answer, or none ever, before the request takes effect or after.
    drop: Side | None = None
    hang: Side | None = None
    # Tokens that a request costs, where others cost one; "empty" takes them all first.
    throttle: Annotated[float, Field(gt=1)] | Literal["empty"] | None = None
    # The network services of the region do not answer.
    outage: bool = False
    # Resource Manager refuses the token, or ("refused") Entra refuses to give one.
    token: Literal["expired", "invalid", "refused"] | None = None
    # Reads tell, for so many seconds, what was true before the last write.
    stale: float | None = Field(None, gt=0)
    # Seconds until an answer is sent; and how many times as long operations take.
    latency: float | None = Field(None, gt=0)
    slower: float | None = Field(None, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _completed(cls, given: Any) -> Any:
        """Fill in what follows from the rest: how often, and what an outage answers."""
        if not isinstance(given, dict):
            return given
        answer = _OUTAGE if given.get("outage") else {}
        throttled = isinstance(given.get("throttle"), int | float)
        lasts = throttled or any(given.get(name) for name in _CONDITIONS)
        return {"times": None if lasts else 1, **answer, **given}

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        effects = self._effects
        if len(effects) > 1:
            raise ValueError(f"{' and '.join(effects)} cannot go together: give two faults")
        if effects not in ([], ["outage"]):
            stray = [name for name in (*_ERROR, "when") if self._says(name)]
            if stray:
                raise ValueError(f"{stray[0]} describes an error, and {effects[0]} is none")
        if self.outage and self.region is None:
            raise ValueError("outage needs a region")
        if self.outage and self.when != "request":
            raise ValueError("outage says itself when it strikes: leave `when` out")
        if self.until is not None and self.until <= self.after:
            raise ValueError("until must be later than after")
        if isinstance(self.throttle, float) and self.times is not None:
            raise ValueError("a throttle that is a number lasts: use until in place of times")
        return self

    def _says(self, name: str) -> bool:
        return bool(getattr(self, name) != type(self).model_fields[name].default)

    @property
    def _effects(self) -> list[str]:
        """Return what happens, where it is not an error."""
        found = [
            name
            for name in ("drop", "hang", "throttle", "token", "stale")
            if getattr(self, name) is not None
        ]
        if self.outage:
            found.append("outage")
        if self.latency is not None or self.slower is not None:
            found.append("latency" if self.latency is not None else "slower")
        return found

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Return where in the life of a request this strikes."""
        if self.outage:
            return ("request", "deployment")
        if self.token is not None:
            return _TOKENS.get(self.token, ("gateway",))
        if self.throttle is not None:
            return ("gateway",)
        if self.stale is not None:
            return ("stale",)
        if self.latency is not None or self.slower is not None:
            return ("slow",)
        return ("deployment",) if self.when == "deployment" else ("request",)

    def hits(self, target: Target) -> bool:
        """Tell whether this fault is meant for such a request."""
        if self.type is None and not self._hits_any_type(target.type):
            return False
        wanted = (
            (self.method, target.method),
            (self.type, target.type),
            (self.name, target.name),
            (self.region, target.region),
        )
        return all(want is None or want.lower() == (have or "").lower() for want, have in wanted)

    def _hits_any_type(self, type_name: str) -> bool:
        """Tell whether this fault, which names no type, is meant for one.

        Polls are cut off or fail only where they are named; an outage is one of the
        network's services.
        """
        if self.outage:
            return type_name == POLLS or type_name.lower().startswith(_NETWORK)
        return type_name != POLLS or "request" not in self.stages

    @property
    def error(self) -> dict[str, Any]:
        """Return the error as an operation shows it."""
        return {"code": self.code, "message": self.message}
