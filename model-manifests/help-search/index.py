"""Counts the words of the help articles and weighs them: the index that a search uses."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import words
import yaml


def main() -> None:
    params = yaml.safe_load(Path("params.yaml").read_text("utf-8"))["index"]
    lines = Path("data/articles.jsonl").read_text("utf-8").splitlines()
    articles = {a["article"]: a["text"] for a in map(json.loads, lines)}
    counts = {
        name: Counter(words.split(text, endings=params["endings"]))
        for name, text in articles.items()
    }
    mean = sum(map(Counter.total, counts.values())) / len(counts)
    holders = Counter(word for each in counts.values() for word in each)
    rarity = {
        word: math.log(1 + (len(counts) - n + 0.5) / (n + 0.5)) for word, n in holders.items()
    }
    weights = {
        name: {word: round(_weight(n, each.total() / mean, params) * rarity[word], 6)
               for word, n in sorted(each.items())}
        for name, each in counts.items()
    }  # fmt: skip
    model = {"endings": params["endings"], "weights": weights}
    Path("index.json").write_text(json.dumps(model, indent=1, sort_keys=True) + "\n", "utf-8")
    print(f"index: {len(weights)} articles, {len(rarity)} words")


def _weight(count: int, length: float, params: dict[str, float]) -> float:
    """Weigh a word by its count in an article of a length relative to the mean."""
    k, b = params["saturation"], params["length"]
    return count * (k + 1) / (count + k * (1 - b + b * length))


if __name__ == "__main__":
    main()
