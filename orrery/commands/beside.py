"""Commands that ask no Azure: addresses, the schema of the file, and the simulator."""

from __future__ import annotations

import sys
from pathlib import Path


def lock(topology: Path, /) -> int:
    """Give addresses to all that has none yet, keep them in the lock file, show them."""
    from orrery import printing  # noqa: PLC0415
    from tasks.read_topology import load, lock_beside  # noqa: PLC0415

    network, changed = load(topology)
    printing.show_addresses(network)
    where = lock_beside(topology)
    printing.say(f"{where} was {'written: commit it' if changed else 'complete already'}")
    return 0


def schema() -> int:
    """Print the JSON Schema of topology files, for editors."""
    import json  # noqa: PLC0415

    from topology.schema import json_schema  # noqa: PLC0415

    sys.stdout.write(json.dumps(json_schema(), indent=2, sort_keys=True) + "\n")
    return 0


def simulator(  # noqa: PLR0913  what an operator may choose
    *,
    port: int = 8443,
    speed: float = 60.0,
    dir: Path = Path(".simulator"),  # noqa: A002  what one types
    state: Path | None = None,
    seed: int = 1,
    faults: Path | None = None,
    principals: Path | None = None,
    management_groups: Path | None = None,
    throttling: float = 1.0,
    subscriptions: int = 1,
) -> int:
    """Serve a simulated Azure on the loopback address, until stopped.

    Parameters
    ----------
    port
        0 picks a free one.
    speed
        Simulated seconds in a real one: 60 is a minute a second.
    dir
        Where its certificates and `env.sh` are: source that, and clients find it.
    state
        A folder to keep the world in: it goes on from there at the next start.
    seed
        The same seed gives the same durations.
    faults
        A YAML file of what goes wrong, and when: see docs/simulator.md.
    principals
        A YAML file of who else may sign in, and with which role.
    management_groups
        A YAML file of the groups below the tenant's root group, and which subscriptions they hold.
    throttling
        1 throttles as Azure does, 2 at half of its limits, 0 not at all.
    subscriptions
        How many there are: 00000000-0000-4000-8000-000000000001, ...2, and so on.

    """
    from simulator.fault_input import FaultInputError  # noqa: PLC0415
    from simulator.management_group_input import load_management_groups  # noqa: PLC0415
    from simulator.principal_input import load_principals  # noqa: PLC0415
    from simulator.server import Listening, faults_of, serve  # noqa: PLC0415
    from simulator.settings import Settings  # noqa: PLC0415
    from simulator.settings import subscriptions as ids_of  # noqa: PLC0415

    def announce(ready: Listening) -> None:
        sys.stdout.write(
            f"Azure is simulated at https://localhost:{ready.port}. In another shell:\n"
            f"  source {ready.env_file}\n"
        )
        sys.stdout.flush()

    try:
        found = faults_of(faults)
    except FaultInputError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    ids = ids_of(subscriptions)
    serve(
        port,
        folder=dir,
        state=state,
        speed=speed,
        seed=seed,
        settings=Settings(
            throttling=throttling,
            principals=load_principals(principals),
            subscription_ids=ids,
            management_groups=load_management_groups(management_groups, ids),
        ),
        faults=found,
        when_listening=announce,
    )
    return 0
