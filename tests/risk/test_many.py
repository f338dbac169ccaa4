"""Many patients at once get what each would get alone."""

import numpy as np
import pytest

from service.risk.many import curves_of_many
from service.risk.populations import Inputs
from tests.reading import engine

PREDICTORS = {name: predictor for model in engine().models for name, predictor in model.predictors.items()}
PREDICTOR = PREDICTORS["overall_survival_from_start"]


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_the_curves_of_many_are_those_of_each(chunk):
    random = np.random.default_rng(1)
    patients = [dict(zip(("alp_raised", "male"), random.choice([True, False, None], 2).tolist(), strict=True)) for _ in range(20)]
    chunks = list(curves_of_many(PREDICTOR, "from_start", patients, chunk))
    assert max(len(each) for each in chunks) <= chunk
    curves = np.concatenate(chunks)
    assert curves.shape == (20, 3, 61)
    for values, curve in zip(patients, curves, strict=True):
        alone = PREDICTOR.estimate(Inputs(values, "from_start")).survival
        assert curve.T.tolist() == [[band.value, band.lower, band.upper] for band in alone]


def test_no_patients_have_no_curves():
    assert list(curves_of_many(PREDICTOR, "from_start", [])) == []
