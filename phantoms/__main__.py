"""Write phantoms as DICOM files: `python -m phantoms OUT_DIR --kind pet --count 20 --seed 7`."""

import argparse
import sys
from typing import Final

from phantoms.cohorts import (
    DopamineCohort,
    MibgCohort,
    Part,
    PerfusionCohort,
    PetCohort,
    RadiographCohort,
    write_cohort,
)
from phantoms.sites import Site

_KINDS: Final[dict[str, type[RadiographCohort | PetCohort | DopamineCohort | PerfusionCohort | MibgCohort]]] = {
    "radiograph": RadiographCohort,
    "pet": PetCohort,
    "dopamine": DopamineCohort,
    "perfusion": PerfusionCohort,
    "mibg": MibgCohort,
}


def main() -> None:
    """Write a cohort and print how many files there are now and where."""
    parser = argparse.ArgumentParser(prog="python -m phantoms", description=__doc__)
    parser.add_argument(
        "directory", help="folder for phantom_0000.dcm or phantom_0000/ and on; made where it is absent"
    )
    parser.add_argument(
        "--kind",
        choices=list(_KINDS),
        default="radiograph",
        help="chest radiographs, FDG PET, or SPECT of dopamine transporters, myocardial perfusion or cardiac MIBG "
        "(default: radiograph)",
    )
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
    make = _KINDS[arguments.kind]
    cohort = make(name="command line", seed=arguments.seed, count=arguments.count, site=arguments.site)
    paths = write_cohort(arguments.directory, cohort)
    sys.stdout.write(f"Wrote {len(cohort)} synthetic studies, {len(paths)} files, to {arguments.directory}\n")


if __name__ == "__main__":
    main()
