"""What faults do to a call: it fails, is cut off, hangs, is slow, or hears of the past."""

from collections.abc import Callable

from simulator.arm import past
from simulator.arm.call import Call, Reply
from simulator.arm.errors import ArmError
from simulator.fault import Fault, Target
from simulator.faults import ConnectionDroppedError, ConnectionHungError

Serve = Callable[[Call], Reply]


def served(call: Call, target: Target, serve: Serve) -> Reply:
    """Return the answer to a call, as the faults in force let it be answered."""
    faults = call.world.faults
    delay = 0.0
    for fault in faults.all("slow", target):
        delay += fault.latency or 0
        call.slower *= fault.slower or 1
    try:
        reply = _struck(call, target, serve, faults.first("request", target))
    except (ArmError, ConnectionDroppedError) as error:
        error.delay += delay
        raise
    reply.delay += delay
    return reply


def _struck(call: Call, target: Target, serve: Serve, fault: Fault | None) -> Reply:
    if fault is None:
        return _at_its_time(call, target, serve)
    if "before" in (fault.drop, fault.hang):
        raise _no_answer(call, fault)
    answers = fault.drop is None and fault.hang is None
    if answers and fault.when == "request":
        raise _failure(fault)
    call.fault = fault
    reply = _at_its_time(call, target, serve)
    if not answers:
        raise _no_answer(call, fault)
    if fault.when == "answer":
        raise _failure(fault)
    return reply


def _at_its_time(call: Call, target: Target, serve: Serve) -> Reply:
    """Serve a call; where reads are stale, what a read says is what was true before a write."""
    if not call.world.faults.has("stale"):
        return serve(call)
    return past.served(call, target, serve)


def _no_answer(call: Call, fault: Fault) -> ConnectionDroppedError:
    kind = ConnectionHungError if fault.hang else ConnectionDroppedError
    return kind(f"{call.method} {call.id.text}")


def _failure(fault: Fault) -> ArmError:
    return ArmError(
        fault.status,
        fault.code,
        fault.message,
        details=fault.details,
        gateway=fault.gateway,
        retry_after=fault.retry_after,
        # The gateway tells whose fault it is that no answer came (azure-cli 31815).
        headers={"x-ms-failure-cause": "service"} if fault.outage else {},
        shown=fault.body,
    )
