"""Searches the article of each question, and writes one row of scores for each question."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import words


def main() -> None:
    model = json.loads(Path("index.json").read_text("utf-8"))
    lines = Path("data/questions.jsonl").read_text("utf-8").splitlines()
    rows = [_score(model, question) for question in map(json.loads, lines)]
    with Path("scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    hits = sum(row["hit"] for row in rows)
    print(f"evaluate: {hits} of {len(rows)} questions find their article first")


def _score(model: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    needed = words.split(question["question"], endings=model["endings"])
    points = {
        name: sum(weights.get(word, 0.0) for word in needed)
        for name, weights in model["weights"].items()
    }
    right = points[question["article"]]
    # Articles with the same points share the worst of their places: luck is not a hit.
    rank = sum(value >= right for value in points.values())
    return {
        "id": question["id"],
        "article": question["article"],
        "topic": question["topic"],
        "hit": rank == 1,
        "reciprocal_rank": 1 / rank,
        "rank": rank,
    }


if __name__ == "__main__":
    main()
