"""Patients whose SPECT, virtual PET and PET are drawn with errors that are known."""

import numpy as np

from evaluation.perfusion_figures import MeasuredPatients, ShownDefect

INFERIOR = [3, 9, 14]
ARTERY, OTHER = "right coronary", "left anterior descending"


def measured_patients(count: int = 60, *, seed: int = 3) -> MeasuredPatients:
    """Draw people, every third with a defect; SPECT is 12 % too low in the inferior wall, virtual PET is right."""
    generator = np.random.default_rng(seed)
    pet = generator.normal(90, 3, (count, 2, 17)).clip(0, 100)
    defects = []
    for patient in range(0, count, 3):
        segments, artery = ((4, 10), ARTERY) if patient % 2 else ((7, 13), OTHER)
        pet[patient, 0, [number - 1 for number in segments]] -= 40
        defects.append((patient, [number - 1 for number in segments], artery))
    spect = pet + generator.normal(0, 4, pet.shape)
    spect[:, :, INFERIOR] -= 12
    virtual = pet + generator.normal(0, 2, pet.shape)
    pet_sums = np.stack([_sums(pet)[0], _sums(pet)[1], _sums(pet)[0] - _sums(pet)[1]], axis=1)
    noise = generator.integers(-1, 2, pet_sums.shape)
    return MeasuredPatients(
        spect=spect,
        virtual_pet=virtual,
        pet=pet,
        spect_sums=pet_sums + 5,
        virtual_pet_sums=pet_sums + noise,
        pet_sums=pet_sums,
        sexes=["F" if place % 4 == 0 else "M" for place in range(count)],
        defects=[
            ShownDefect(
                patient=f"{patient}",
                territory=artery,
                spect=_depth(spect, patient, places),
                virtual_pet=_depth(virtual, patient, places),
                pet=_depth(pet, patient, places),
            )
            for patient, places, artery in defects
        ],
    )


def _depth(percents: np.ndarray, patient: int, places: list[int]) -> float:
    return float(100 - percents[patient, 0, places].mean())


def _sums(percents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scores = (percents < 70).sum(axis=2)
    return scores[:, 0], scores[:, 1]
