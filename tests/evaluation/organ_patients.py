"""Patients with known organs and heart counts, as a model would have measured them."""

import numpy as np

from evaluation.organ_report import MeasuredPatient, OrganReport, organ_report
from evaluation.quantity_report import ReportedModel

MODEL = ReportedModel(model="mibg_organs", version=3, contract_sha256="ab" * 32)


def measured_patients(count: int = 40) -> list[MeasuredPatient]:
    """Return patients of two diseases, a fifth with faint hearts; counts follow the uptake, washout the true one."""
    rng = np.random.default_rng(11)
    patients = []
    for number in range(count):
        early = float(rng.uniform(1, 6))
        late = early * float(rng.uniform(0.6, 1))
        truth = 100 * (early - late) / early
        dice = {
            organ: (float(rng.normal(mean, 0.01)), float(rng.normal(mean - 0.01, 0.01)))
            for organ, mean in (("heart", 0.9), ("lungs", 0.95), ("liver", 0.96))
        }
        patients.append(
            MeasuredPatient(
                disease="chronic heart failure" if number % 2 else "Lewy-body disease",
                nearly_no_uptake=number % 5 == 0,
                uptake=(early, late),
                true_washout_percent=truth,
                dice=dice,
                heart_found=(True, number != 5),
                heart_counts=(40 * early + 3, 40 * late + float(rng.normal(0, 4)) if number != 5 else None),
                washout_percent=truth + float(rng.normal(1, 2)) if number != 5 else None,
            )
        )
    return patients


def report(count: int = 40) -> OrganReport:
    """Return the report of these patients."""
    return organ_report(measured_patients(count), MODEL, data_set="phantoms 0-39", left_out={"too small": 2})
