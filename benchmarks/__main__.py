"""`python -m benchmarks SCENARIO ...`: as `tricorder bench` does, without the command line's own checks."""

import sys
from importlib import import_module

from benchmarks.scenario import SCENARIOS


def run(scenario: str, arguments: list[str]) -> None:
    """Hand a command line over to the scenario that it names."""
    import_module(f"benchmarks.{scenario}").main(arguments)


def main() -> None:
    """Take the scenario from the command line."""
    if len(sys.argv) < 2 or sys.argv[1] not in SCENARIOS:
        sys.exit(f"Name a scenario: {', '.join(sorted(SCENARIOS))}.")
    run(sys.argv[1], sys.argv[2:])


if __name__ == "__main__":
    main()
