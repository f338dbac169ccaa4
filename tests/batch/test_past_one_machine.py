"""Past one machine: the very same function in every partition of a Dask DataFrame, on the workers of a cluster."""

import json

import dask.dataframe as dd
import pandas as pd
from distributed import Client, LocalCluster

from service.batch.table import score_table
from tests.conftest import EXAMPLES
from tests.reading import TODAY
from tests.vignettes import names


def test_the_partitions_of_a_cohort_are_scored_as_the_whole_is():
    texts = [json.dumps(json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))) for name in names()]
    frame = pd.DataFrame({"json": [*texts, "{"]})
    # workers of this process: those of their own take as long to start as the rest of the tests of this folder
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster, Client(cluster):
        partitions = dd.from_pandas(frame, npartitions=4)
        found = partitions.map_partitions(score_table, TODAY, meta=score_table(frame.head(0))).compute()
    pd.testing.assert_frame_equal(found, score_table(frame, TODAY))
    assert found["problem"].notna().tolist() == [False] * len(texts) + [True]
