"""`python -m benchmarks SCENARIO ...`: runs a scenario from a main module that reader processes import at no cost."""

import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Hand the command line over to the scenario that it names."""
    folder = Path(__file__).parent
    scenarios = sorted(path.stem for path in folder.glob("[a-z]*.py") if "def main" in path.read_text(encoding="utf-8"))
    if len(sys.argv) < 2 or sys.argv[1] not in scenarios:
        sys.exit(f"Name a scenario: {', '.join(scenarios)}.")
    import_module(f"benchmarks.{sys.argv.pop(1)}").main()


if __name__ == "__main__":
    main()
