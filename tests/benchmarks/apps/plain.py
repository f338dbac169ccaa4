"""FastAPI and lifelines as an afternoon's work: a declared model in and out, a Cox model asked for each patient, one commit each.

lifelines gives no interval for one patient's curve, so there is none.
"""

import os
import sqlite3
from pathlib import Path
from threading import Lock

import pandas as pd
from fastapi import FastAPI, Response
from lifelines import CoxPHFitter

from tests.benchmarks.apps.cohort import FEATURES, HORIZONS_MONTHS, cohort
from tests.benchmarks.apps.patients import Answer, Horizon, Told, advice

app = FastAPI()
model = CoxPHFitter().fit(cohort(), "months", "event")
folder = Path(os.environ["PRRT_DATA_DIR"])
folder.mkdir(parents=True, exist_ok=True)
database = sqlite3.connect(folder / "plain.sqlite3", check_same_thread=False)
database.execute("CREATE TABLE IF NOT EXISTS answers (patient TEXT, request TEXT, answer TEXT)")
one_at_a_time = Lock()


@app.get("/readyz")
def ready() -> Response:
    return Response()


@app.post("/v1/assessments")
def assess(told: Told) -> Answer:
    row = pd.DataFrame([{name: float(getattr(told, name)) for name in FEATURES}])
    curve = model.predict_survival_function(row, times=HORIZONS_MONTHS)
    horizons = [Horizon(months=months, survival=float(curve.loc[months].iloc[0])) for months in HORIZONS_MONTHS]
    answer = Answer(patient_id=told.patient.id, advice=advice(told), alp_raised=told.alp_raised, horizons=horizons)
    with one_at_a_time, database:
        database.execute(
            "INSERT INTO answers VALUES (?, ?, ?)", (told.patient.id, told.model_dump_json(), answer.model_dump_json())
        )
    return answer
