"""The simulated cohort that both plain services learn from, and the horizons that they answer."""

import numpy as np
import pandas as pd

from models.training.cohorts import Truth, from_start

FEATURES = ("alp_raised", "male")
HORIZONS_MONTHS = (12, 24, 36, 48, 60)
MEMBERS = 200


def cohort(patients: int = 2000) -> pd.DataFrame:
    truth = Truth(1.45, 44.0, np.array([0.35, 0.55]), np.array([0.5, 0.7]))
    features, months, event = from_start(truth, np.random.default_rng(1), patients)
    return pd.DataFrame(features, columns=list(FEATURES)).assign(months=months, event=event)
