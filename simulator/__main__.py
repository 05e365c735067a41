"""`python -m simulator`: serve until stopped."""

import argparse
import sys
from pathlib import Path

from simulator.journal import StateError
from simulator.management_group_input import load_management_groups
from simulator.principal_input import load_principals
from simulator.server import Listening, faults_of, serve
from simulator.settings import Settings, subscriptions


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--speed", type=float, default=60.0, help="simulated seconds in a real one")
    parser.add_argument("--dir", type=Path, default=Path(".simulator"), help="where env.sh goes")
    parser.add_argument("--seed", type=int, default=1, help="of durations and ids")
    parser.add_argument("--state", type=Path, help="a folder to keep the world in")
    parser.add_argument("--principals", type=Path, help="a YAML file of who else may sign in")
    parser.add_argument("--management-groups", type=Path, help="a YAML file of those there are")
    parser.add_argument("--faults", type=Path, help="a YAML file of what goes wrong")
    parser.add_argument(
        "--throttling", type=float, default=1.0, help="1 throttles as Azure, 2 at half, 0 not"
    )
    parser.add_argument("--subscriptions", type=int, default=1, help="how many there are")
    chosen = parser.parse_args()
    try:
        others = load_principals(chosen.principals)
        ids = subscriptions(chosen.subscriptions)
        serve(
            chosen.port,
            folder=chosen.dir,
            state=chosen.state,
            speed=chosen.speed,
            seed=chosen.seed,
            settings=Settings(
                throttling=chosen.throttling,
                subscription_ids=ids,
                principals=others,
                management_groups=load_management_groups(chosen.management_groups, ids),
            ),
            faults=faults_of(chosen.faults),
            when_listening=_announce,
        )
    except (ValueError, StateError) as error:
        sys.exit(str(error))


def _announce(ready: Listening) -> None:
    sys.stdout.write(
        f"Azure is simulated at https://localhost:{ready.port}. In another shell:\n"
        f"  source {ready.env_file}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
