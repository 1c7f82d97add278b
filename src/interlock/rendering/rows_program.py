"""Writes the lines of a program that save one row for each test example."""

from __future__ import annotations

from interlock.domain.adoption.model_choice import ModelChoice
from interlock.rendering import escape

_PYTHON = """\
import csv

with open("predictions.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["id", "target", "prediction"])
    rows.writerows(zip(ids, targets, predictions, strict=True))
"""
_R = """\
rows <- data.frame(id = ids, target = targets, prediction = predictions)
write.csv(rows, "predictions.csv", row.names = FALSE)
"""


def section(choice: ModelChoice) -> str:
    """Return a folded section of the pull request for a model without rows, as Markdown."""
    language, lines = ("r", _R) if choice.program.endswith((".R", ".r")) else ("python", _PYTHON)
    place = escape.code(choice.program or "the program")
    stage, manifest = escape.code(choice.target), escape.code(choice.manifest)
    return f"""\
<details><summary>Optional: confidence intervals for {escape.code(choice.name)}</summary>

The pipeline's metrics are one number for each run: a small difference may be chance. Reports \
have intervals and plots if the pipeline writes one row for each test example. Add these lines to \
{place}, where the examples, their true values and the predictions are known:

```{language}
{lines}```

Then add `predictions.csv` to the `outs` of the stage {stage} in {escape.code(choice.file)}. In \
{manifest}, add `task` and `outputs.predictions`, and replace the metrics, for example by \
`accuracy` or `rmse`.

</details>"""
