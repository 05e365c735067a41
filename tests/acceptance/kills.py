"""GloboJava rolled out by its deployment, by real processes that are killed with kill -9.

    python -m tests.acceptance.kills --all --random 200 --seed 1

One life: the stack of `make demo`, ten kills one after the other, each followed by a new
run, until one ends well. `--all` kills at every write of the rollout, `--random` at so many
moments that a seed draws. What Azure then holds is compared with a rollout in process that
nobody disturbed, by plain HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import signal
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import httpx

from deployments.guard import descendants
from deployments.local_stack import Stack, local_stack
from tests.acceptance.over_http import AzureOverHttp, PrefectOverHttp
from tests.life.cutting import created_twice, holdings, otherwise
from tests.life.listening import in_the_way
from tests.life.undisturbed import GLOBOJAVA, undisturbed
from tests.soak_page import commit, write_section

SPEED = 240.0  # simulated seconds in a real one
KILLS = 10  # in one life
_BETWEEN = 5.0  # seconds after a write, or of a run's start, in which random moments lie
_LOOK = 0.05  # seconds between looks at the count of writes
_LOOK_AT_RUN = 20  # so many of these for one at the run: Prefect has other things to do
_PATIENCE = 600.0  # seconds for the last run to end


class Victim(Enum):
    """What is killed: these parts of the stack with all below them."""

    RUN = "the run"
    WORKER = "the worker alone"
    BOTH = "the worker and its run"
    SERVER = "the server"
    ALL = "server, worker and run"


@dataclass(frozen=True)
class Kill:
    """What is killed, and when: at a write of the life, so many seconds after it.

    A run that is killed while it is `writing` has itself written before. One that is not may
    just have been asked for: that write may be one of a run before.
    """

    victim: Victim
    write: int
    seconds: float = 0.0
    writing: bool = True


@dataclass
class Life:
    """What was done to a life, and what was wrong at its end."""

    kills: list[Victim] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def at_writes(writes: Sequence[int]) -> list[Kill]:
    """Return kills at these writes, the victims by turns."""
    return [Kill(_TURNS[number % len(_TURNS)], write) for number, write in enumerate(writes)]


# A server takes longest to come back, and a run dies most often.
_TURNS = (
    *(Victim.RUN, Victim.WORKER, Victim.RUN, Victim.BOTH),
    *(Victim.RUN, Victim.SERVER, Victim.RUN, Victim.ALL),
)


def at_random(count: int, writes: int, chance: random.Random) -> list[Kill]:
    """Return kills at moments that are drawn: between any two writes, and while a run starts."""
    drawn = sorted(chance.randint(0, writes) for _ in range(count))
    return [
        Kill(chance.choice(list(Victim)), write, chance.uniform(0, _BETWEEN), writing=False)
        for write in drawn
    ]


def live(kills: Sequence[Kill], folder: Path) -> Life:
    """Live one life from nothing to a network that is as an undisturbed run leaves it."""
    began, life = time.monotonic(), Life()
    with local_stack(folder, speed=SPEED, tell=lambda _text: None) as stack:
        living = _Living(stack, life)
        living.prefect.start_no_proofs()
        for kill in kills:
            living.wait_for(kill, living.start_run())
            living.kill(kill.victim)
        living.end()
        life.wrong += differences(stack.azure_environment)
    life.seconds = time.monotonic() - began
    return life


@dataclass
class _Living:
    stack: Stack
    life: Life

    def __post_init__(self) -> None:
        self.prefect = PrefectOverHttp(self.stack.client_environment["PREFECT_API_URL"])
        self.azure = AzureOverHttp(self.stack.azure_environment)

    def start_run(self) -> dict[str, Any]:
        return self.prefect.start("apply-topology/globojava")

    def wait_for(self, kill: Kill, run: Mapping[str, Any]) -> None:
        """Return when a kill's moment has come, or nothing is left to be killed."""
        write = max(kill.write, self._writes() + 1) if kill.writing else kill.write
        for look in itertools.count(1):
            if self._writes() >= write:
                break
            if look % _LOOK_AT_RUN == 0 and self.prefect.has_ended(run):
                break
            time.sleep(_LOOK)
        time.sleep(kill.seconds)

    def _writes(self) -> int:
        return int(self.azure.control("GET", "requests")["writes"])

    def kill(self, victim: Victim) -> None:
        """Kill with -9, and start again what a machine's supervisor would."""
        parts = self.stack.parts
        worker, server = parts["worker"], parts["prefect-server"]
        runs = descendants([worker.process.pid])
        doomed = {
            Victim.RUN: [],
            Victim.WORKER: [worker],
            Victim.BOTH: [worker],
            Victim.SERVER: [server],
            Victim.ALL: [server, worker],
        }[victim]
        processes = {part.process.pid for part in doomed}
        if server in doomed:
            processes |= descendants([server.process.pid])
        if victim in {Victim.RUN, Victim.BOTH, Victim.ALL}:
            processes |= runs
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for part in doomed:
            part.process.wait()
            part.start()
            part.wait()
        self.life.kills.append(victim)

    def end(self) -> None:
        """Run until a run ends well, then see what Prefect tells when all has come to rest."""
        deadline = time.monotonic() + _PATIENCE
        while (last := self.prefect.ended(self.start_run()))["state_type"] != "COMPLETED":
            if time.monotonic() > deadline:
                self.life.wrong.append(f"the last run: {last['state']['message']}")
                break
        while self.prefect.not_ended() and time.monotonic() < deadline:
            self.prefect.ended(self.prefect.start("check-compliance/globojava"))
            time.sleep(1)
        check = self.prefect.ended(self.prefect.start("check-compliance/globojava"))
        if check["state"]["message"] != "no drift":
            self.life.wrong.append(f"the check: {check['state']['message']}")
        while (left := self.prefect.not_ended()) and time.monotonic() < deadline:
            time.sleep(1)  # a check that its schedule has started meanwhile ends by itself
        self.life.wrong += [f"a dead run reads {run['state_name']}: {run['name']}" for run in left]
        slots = self.prefect.slots("orrery-globojava")
        self.life.wrong += [f"{slots} slots are taken"] if slots else []
        self.life.states.update(self.prefect.states())
        self.life.wrong += [f"a process is left: {item}" for item in self._left()]

    def _left(self) -> list[int]:
        """Return processes of runs that live on half a minute after all has ended."""
        api = self.stack.client_environment["PREFECT_API_URL"].encode()
        parts = {part.process.pid for part in self.stack.parts.values()}
        server = descendants([self.stack.parts["prefect-server"].process.pid])
        for _ in range(200):
            if not (left := [item for item in _with(api) if item not in parts | server]):
                break
            time.sleep(0.2)
        return left


def _with(address: bytes) -> Iterator[int]:
    """Yield the processes whose environment has an address, whoever is their parent."""
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if address + b"\0" in environment.read_bytes():
                yield int(environment.parent.name)


def differences(environment: Mapping[str, str]) -> list[str]:
    """Return what Azure holds otherwise than after a rollout of GloboJava that nobody disturbed.

    Beside it what was made twice, and writes that another one was in the way of. The environment
    is what leads to it; nobody else has written there.
    """
    twice, found = asyncio.run(_looked_at(environment))
    _, expected = undisturbed(GLOBOJAVA)
    different = otherwise(expected, found)
    return [
        *(f"created twice: {item}" for item in twice),
        *(
            f"in the way of another: {item}"
            for item in in_the_way(AzureOverHttp(environment).log())
        ),
        *(f"not as undisturbed: {item}" for item in different),
    ]


async def _looked_at(environment: Mapping[str, str]) -> tuple[list[str], dict[str, Any]]:
    async with httpx.AsyncClient(
        base_url=environment["ORRERY_ARM_ENDPOINT"],
        verify=ssl.create_default_context(cafile=environment["SSL_CERT_FILE"]),
        headers={"Authorization": f"Bearer {AzureOverHttp(environment).token()}"},
        params={"api-version": "2026-03-01"},
        timeout=60,
    ) as client:
        return await created_twice(client), await holdings(client)


# -- the soak ----------------------------------------------------------------------------


def main() -> int:
    """Live as many lives as were asked for; after each tell how it stands, also on the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.kills")
    parser.add_argument("--all", action="store_true", help="at every write of the rollout")
    parser.add_argument("--random", type=int, default=0, help="at so many random moments")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="begin no more lives after so many")
    parser.add_argument("--first", type=int, default=1, help="begin with this life")
    asked = parser.parse_args()
    plans, lives, began = _plans(asked.random, asked.seed, every=asked.all), [], time.monotonic()
    for kills in plans[asked.first - 1 :]:
        if asked.minutes is not None and time.monotonic() - began > asked.minutes * 60:
            break
        lives.append(_lived(kills))
        section = [*_section(" ".join(sys.argv[1:]), len(plans), lives)]
        write_section("Killed for real", section)
        number = asked.first - 1 + len(lives)
        _say([f"life {number} of {len(plans)}: {lives[-1].seconds:.0f} s", *lives[-1].wrong])
    _say(section)
    return 1 if any(life.wrong for life in lives) else 0


def _lived(kills: Sequence[Kill]) -> Life:
    """Live a life; one that breaks off is wrong, and the others go on."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return live(kills, Path(folder))
        except (OSError, RuntimeError) as error:
            return Life(wrong=[f"broke off: {type(error).__name__}: {error}"])


def _plans(at_random_moments: int, seed: int, *, every: bool) -> list[list[Kill]]:
    """Return the kills of each life: ten, and over all lives at every write."""
    writes, _ = undisturbed(GLOBOJAVA)
    chance = random.Random(seed)  # noqa: S311  no secret
    apart = -(-writes // KILLS)
    firsts = range(1, apart + 1) if every else ()
    return [
        *(at_writes(range(first, writes + 1, apart)) for first in firsts),
        *(
            at_random(min(KILLS, at_random_moments - start), writes, chance)
            for start in range(0, at_random_moments, KILLS)
        ),
    ]


def _section(asked: str, count: int, lives: Sequence[Life]) -> Iterator[str]:
    victims = Counter(victim.value for life in lives for victim in life.kills)
    states = sum((life.states for life in lives), Counter[str]())
    wrong = [line for life in lives for line in life.wrong]
    seconds = sum(life.seconds for life in lives)
    whole = "" if len(lives) == count else f" of the {count} asked for"
    yield f"`python -m tests.acceptance.kills {asked}`, {datetime.now(UTC):%Y-%m-%d}, commit"
    yield f"{commit()}, {seconds:,.0f} s."
    yield ""
    kills = sum(victims.values())
    yield f"**{len(lives)} lives{whole}, {kills} kills, {len(wrong)} things wrong.**"
    yield from ("", "| killed with -9 | |", "|---|--:|")
    yield from (f"| {name} | {number} |" for name, number in victims.most_common())
    yield from ("", "| runs, and those of regions below them | |", "|---|--:|")
    yield from (f"| {name} | {number} |" for name, number in states.most_common())
    yield from ["", *(f"- {line}" for line in wrong)] if wrong else []


def _say(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
