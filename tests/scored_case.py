"""The report of a model whose metrics are aggregates of scores of rows, evaluated for real."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from interlock.adapters.scoring import FileScoring
from interlock.domain.evaluation import model_evaluation, scores
from interlock.domain.evaluation.champion_relation import ChampionRelation
from interlock.domain.evaluation.model_evaluation import EvaluationCase
from interlock.domain.evaluation.scores import Scores
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import (
    Aggregate,
    Better,
    Evaluation,
    GateRule,
    Manifest,
    RowMetric,
    Task,
)
from interlock.domain.model.policy import Policy
from interlock.domain.reporting.model_status import ModelFacts
from tests import report_cases as cases

METRICS = (
    RowMetric("exact_match", Aggregate.MEAN, ("exact_match",), Better.GREATER),
    RowMetric("latency_p95", Aggregate.QUANTILE, ("latency_ms",), Better.SMALLER, 0.95),
    RowMetric("cost_usd", Aggregate.SUM, ("cost",), Better.SMALLER),
)
GATES = (
    GateRule("exact_match", min=0.6, line=12),
    GateRule("exact_match", max_drop=0.02, against="champion", line=13),
    GateRule("latency_p95", max=900, slice="topic", line=14),
    GateRule("cost_usd", max_rise=0.5, against="champion", line=15),
)


def _rows(seed: int, *, lift: float, slow: float) -> pl.DataFrame:
    """Three questions of each of 120 conversations; those of one are alike."""
    chance = np.random.default_rng(seed)
    conversation = np.repeat(np.arange(120), 3)
    easy = np.random.default_rng(0).random(120)[conversation]
    return pl.DataFrame(
        {
            "id": np.arange(360),
            "conversation": conversation,
            "topic": np.where(conversation % 2 == 0, "billing", "delivery"),
            "exact_match": easy + chance.normal(scale=0.1, size=360) < 0.62 + lift,
            "latency_ms": chance.gamma(4, 100 * slow, size=360).round(1),
            "cost": chance.gamma(2, 0.002, size=360).round(6),
        }
    )


def _scored(evaluation: Evaluation) -> Scores:
    request = scores.request(evaluation, task=Task.SCORED, rules=GATES)
    columns = ColumnMap(
        measured=("exact_match", "latency_ms", "cost"), group="conversation", is_scored=True
    )
    with tempfile.TemporaryDirectory() as folder:
        read = []
        for name, rows in {
            "mine": _rows(1, lift=0.08, slow=0.9),
            "theirs": _rows(2, lift=0.0, slow=1.0),
        }.items():
            path = Path(folder) / f"{name}.parquet"
            rows.write_parquet(path)
            read.append(
                FileScoring().read(
                    path, name=name, task=Task.SCORED, slices=request.slices, columns=columns
                )
            )
        return FileScoring().score(read[0], champion=read[1], request=request)


def evaluation_case(declared: Manifest) -> EvaluationCase:
    relation = ChampionRelation(champion=cases.OLD, version=1)
    return EvaluationCase(declared, None, Policy(), cases.NEW, cases.HEAD, relation)


def scored() -> ModelFacts:
    """Answers of an assistant: metrics of the manifest's own, over conversations."""
    evaluation = Evaluation(
        "exact_match", ("topic",), seed=7, metrics=METRICS, group="conversation"
    )
    declared = replace(cases.manifest(), task=Task.SCORED, evaluation=evaluation, gates=GATES)
    result = _scored(evaluation)
    mine, theirs = (
        replace(
            cases.evidence(fingerprint=fingerprint, revision=revision),
            rows=result.rows,
            pictures={},
        )
        for fingerprint, revision in ((cases.NEW, cases.HEAD), (cases.OLD, cases.BASE))
    )
    case = evaluation_case(declared)
    compared = model_evaluation.comparisons(
        case, result, candidate=mine.candidate, champion=theirs.candidate, problem=""
    )
    judged = model_evaluation.verdict(case, compared, pictures={})
    return replace(
        cases.facts(),
        manifest=declared,
        evidence=mine,
        champions={cases.OLD: theirs},
        key=judged.key,
        verdicts=(judged,),
        record=f"evidence/digits/{cases.NEW}.json",
        is_trained_here=True,
    )
