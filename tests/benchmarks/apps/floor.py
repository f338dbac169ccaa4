"""The floor: FastAPI that reads the body and returns bytes that were written before, as many as our answer has."""

import os
from pathlib import Path

from fastapi import FastAPI, Request, Response

ANSWER = Path(os.environ["BENCH_ANSWER"]).read_bytes()

app = FastAPI()


@app.get("/readyz")
async def ready() -> Response:
    return Response()


@app.post("/v1/assessments")
async def answer(request: Request) -> Response:
    await request.body()
    return Response(ANSWER, media_type="application/json")
