"""FastAPI and scikit-learn by somebody who knows both: async, curves with bands kept for each group, one durable commit each.

Survival in discrete time: a logistic regression of the event in each half-year, 200 times on resampled patients.
"""

import os
import sqlite3
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from itertools import product
from pathlib import Path
from threading import Lock

import numpy as np
from fastapi import FastAPI, Request, Response
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tests.benchmarks.apps.cohort import FEATURES, HORIZONS_MONTHS, MEMBERS, cohort
from tests.benchmarks.apps.patients import Answer, Horizon, Told, advice

STEP_MONTHS = 6
PERIODS = HORIZONS_MONTHS[-1] // STEP_MONTHS
members: list[Pipeline] = []
one_at_a_time = Lock()


def trained() -> list[Pipeline]:
    """A member for each resampling of the cohort, a row for each patient and half-year at risk."""
    table, random = cohort(400), np.random.default_rng(2)
    found = []
    for _ in range(MEMBERS):
        drawn = table.iloc[random.integers(0, len(table), len(table))]
        ended = np.minimum(drawn["months"] // STEP_MONTHS, PERIODS).to_numpy(int)
        at_risk = np.minimum(ended, PERIODS - 1) + 1
        rows = np.repeat(drawn[list(FEATURES)].to_numpy(float), at_risk, axis=0)
        period = np.concatenate([np.arange(each) for each in at_risk])
        happened = period == np.repeat(ended, at_risk)
        steps = OneHotEncoder(handle_unknown="ignore"), LogisticRegression()
        found.append(make_pipeline(*steps).fit(np.column_stack([rows, period]), happened))
    return found


@cache
def horizons(alp_raised: bool, male: bool) -> list[Horizon]:
    rows = np.column_stack([np.tile([float(alp_raised), float(male)], (PERIODS, 1)), np.arange(PERIODS)])
    curves = np.array([np.cumprod(1 - member.predict_proba(rows)[:, 1]) for member in members])
    lower, upper = np.percentile(curves, [2.5, 97.5], axis=0)
    at = [months // STEP_MONTHS - 1 for months in HORIZONS_MONTHS]
    mean = curves.mean(axis=0)
    return [
        Horizon(months=months, survival=mean[i], lower=lower[i], upper=upper[i])
        for months, i in zip(HORIZONS_MONTHS, at, strict=True)
    ]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    members.extend(trained())
    for cell in product((False, True), repeat=2):
        horizons(*cell)
    folder = Path(os.environ["PRRT_DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    app.state.database = database = sqlite3.connect(folder / "competent.sqlite3", check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS answers (patient TEXT, request BLOB, answer BLOB)")
    yield
    database.close()


app = FastAPI(lifespan=lifespan)


@app.get("/readyz")
async def ready() -> Response:
    return Response()


@app.post("/v1/assessments")
async def assess(request: Request) -> Response:
    body = await request.body()
    told = Told.model_validate_json(body)
    curve = horizons(told.alp_raised, told.male)
    answer = Answer(patient_id=told.patient.id, advice=advice(told), alp_raised=told.alp_raised, horizons=curve)
    text = answer.model_dump_json().encode()
    await to_thread(kept, request.app.state.database, told.patient.id, body, text)
    return Response(text, media_type="application/json")


def kept(database: sqlite3.Connection, patient: str, body: bytes, answer: bytes) -> None:
    with one_at_a_time, database:
        database.execute("INSERT INTO answers VALUES (?, ?, ?)", (patient, body, answer))
