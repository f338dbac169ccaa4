"""Write what the service answers today."""

import json

from tests.vignettes import FOLDER, answered, expected, names

for name in names():
    text = json.dumps({"why": expected(name)["why"], "answer": answered(name)}, indent=2, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(f"{text}\n", "utf-8")
