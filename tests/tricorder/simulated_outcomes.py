"""Made-up results of X-ray age, and outcomes of these or other results with a known hazard ratio."""

import csv
import json
import math
from pathlib import Path

import numpy as np

from client.result import ResultRow

HAZARD_RATIO = 1.15
"""For a year of the gap; far above the published 1.019, so that eighty patients show it."""

PATIENTS = 80

Row = dict[str, object]


def made_results(folder: Path) -> Path:
    """Leave made-up results of xray_age in a folder: ages that shrink to the mean, each with its gap."""
    generator = np.random.default_rng(2)
    age = generator.uniform(30, 90, PATIENTS)
    value = 60 + 0.8 * (age - 60) + generator.normal(0, 7, PATIENTS)
    rows = [
        ResultRow.model_validate(
            {
                **dict.fromkeys(ResultRow.model_fields),
                "members": (),
                "outcomes": (),
                "measurements": (),
                "remarks": (),
                "source_series": (),
                "retryable": False,
                "unit": "years",
                "demonstration": True,
                "model": "xray_age",
                "version": 1,
                "status": "scored",
                "contract_sha256": "a" * 64,
                "model_sha256": "b" * 64,
                "source": f"study {n}",
                "study_instance_uid": f"1.2.{n}",
                "sop_instance_uid": f"1.2.{n}.1",
                "value": float(value[n]),
                "age_gap_years": float(value[n] - age[n]),
            }
        )
        for n in range(PATIENTS)
    ]
    (folder / "results.jsonl").write_text("\n".join(row.canonical_json() for row in rows), encoding="utf-8")
    return folder


def result_rows(ages: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (ages / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def simulated_outcomes(ages: Path, *, age_ratio: float = 1.03) -> list[Row]:
    """Draw follow-up whose hazard is HAZARD_RATIO times higher for each year of the gap, and another for one of age."""
    generator, rows = np.random.default_rng(1), result_rows(ages)
    value, gap = (np.array([row[name] for row in rows], np.float64) for name in ("value", "age_gap_years"))
    age, male = value - gap, generator.integers(0, 2, len(rows))
    hazard = 0.1 * np.exp(math.log(HAZARD_RATIO) * gap + math.log(age_ratio) * (age - age.mean()) + 0.4 * male)
    to_event, to_censoring = generator.exponential(1 / hazard), generator.uniform(2, 12, len(rows))
    return [
        {
            "sop_instance_uid": row["sop_instance_uid"],
            "patient": f"TANAKA {number}",
            "follow_up_years": f"{min(to_event[number], to_censoring[number]):.4f}",
            "event": int(to_event[number] <= to_censoring[number]),
            "sex": "M" if male[number] else "F",
            "egfr": f"{generator.normal(60, 15):.1f}",
        }
        for number, row in enumerate(rows)
    ]


def write_table(file: Path, rows: list[Row]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file
