"""The same scoring for a pandas DataFrame, here or in every partition of a Dask DataFrame."""

from datetime import date
from functools import lru_cache

import pandas as pd

from service.batch.columns import columns_of
from service.batch.scoring import Row, score
from service.batch.summary import WHOLE_NUMBERS, is_number, names, summary
from service.engine import Engine, build
from service.settings import Settings


def score_table(frame: pd.DataFrame, as_of: date | None = None) -> pd.DataFrame:
    """One row for each patient, with the index of the frame.

    Parameters
    ----------
    frame : DataFrame
        Columns are places of the contract, such as `patient.sex`, or `json` alone with whole patients.
    as_of : date, optional
        The day for rows that tell none; today without it. Name it when the parts of one cohort are scored at different times.

    Returns
    -------
    summaries : DataFrame
        Decision, rules that fire, probabilities with their bounds; or `problem`, which says what is wrong with the row.

    Raises
    ------
    UnknownColumnsError
        For a column that the contract does not name.
    ModelRefusedError
        For a model that is not what its manifest says.
    """
    engine = _engine(Settings())
    columns = tuple(map(str, frame.columns))
    columns_of(columns)
    cells = frame.astype(object).where(frame.notna(), None)
    rows = (Row(number, row) for number, row in enumerate(cells.itertuples(index=False, name=None), 1))
    found = [summary(score(engine, columns, row, as_of or engine.today())) for row in rows]
    wanted = names(engine.models)
    return pd.DataFrame(found, index=frame.index, columns=list(wanted)).astype({name: _type(name) for name in wanted})


@lru_cache(maxsize=1)
def _engine(settings: Settings) -> Engine:
    """One engine for each process."""
    return build(settings)


def _type(name: str) -> str:
    if is_number(name):
        return "float64"
    return "Int64" if name in WHOLE_NUMBERS else "string"
