"""Write phantom radiographs: `python -m phantoms OUT_DIR --count 20 --seed 7`."""

import argparse
import sys

from phantoms.cohorts import Part, RadiographCohort, write_cohort
from phantoms.sites import Site


def main() -> None:
    """Write a cohort and print how many files there are now and where."""
    parser = argparse.ArgumentParser(prog="python -m phantoms", description=__doc__)
    parser.add_argument("directory", help="folder for phantom_0000.dcm and on; made where it is absent")
    parser.add_argument("--count", type=int, default=20, help="number of phantoms (default: 20)")
    parser.add_argument(
        "--seed",
        type=int,
        default=Part.DEMONSTRATION.seed,
        help="seed of the cohort (default: the demonstration's)",
    )
    parser.add_argument(
        "--site", type=Site, choices=list(Site), default=Site.A, help="where they are examined (default: A)"
    )
    arguments = parser.parse_args()
    cohort = RadiographCohort(name="command line", seed=arguments.seed, count=arguments.count, site=arguments.site)
    paths = write_cohort(arguments.directory, cohort)
    sys.stdout.write(f"Wrote {len(paths)} synthetic radiographs to {arguments.directory}\n")


if __name__ == "__main__":
    main()
