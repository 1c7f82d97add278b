"""The steps: what people do, and what must be seen; how jobs run is the engine's business."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interlock.demo import production
from interlock.demo.facts import Fact
from interlock.demo.stage import Chapter, DemoStage
from interlock.demo.world import MODELS, fill
from interlock.domain.training.plan import Decision

PARAMS = "model-manifests/digits/params.yaml"
MANIFEST = "model-manifests/digits/model.yaml"
SHARED = "model-manifests/shared/outputs.py"


def first_push(stage: DemoStage) -> Iterator[Fact]:
    fill(stage.world)
    production.watch(stage.world)
    stage.person.commit_and_push("main", "Describe two models")
    stage.world.hub.require_check("acme/models", branch="main", contexts=["interlock"])
    run = stage.engine.settle()
    yield Fact("both models trained", sorted(run.trained) == sorted(MODELS))
    for model in MODELS:
        promoted = stage.witness.last_promotion(model)
        yield Fact(f"{model}: judged without a champion", promoted.get("replaces", "") is None)
        yield Fact(f"{model}: version 1 in staging and production", stage.witness.serves(model, 1))


def better_parameters(stage: DemoStage) -> Iterator[Fact]:
    stage.person.start_branch("stronger-digits")
    stage.person.replace(PARAMS, "c: 1.0 ", "c: 100.0 ")
    body = "Less regularisation; the training rows can bear it."
    pull, run = stage.propose("stronger-digits", "Let digits fit harder", body)
    reasons = [(r.name, r.before, r.after) for r in run.reasons("digits")]
    yield Fact("plan: digits trains, diabetes does not", run.decisions == _one("digits", "train"))
    yield Fact("plan names classifier.c, 1.0 → 100.0", ("classifier.c", "1.0", "100.0") in reasons)
    comment = stage.witness.comment(pull)
    yield Fact(
        "one comment: interval, gates, lineage", _has(comment, "f1_macro", "better than", "mermaid")
    )
    yield Fact("the check is green", stage.green(pull))
    released = stage.merge("stronger-digits", method="squash")
    yield Fact("merged by squash: nothing trained", not released.trained and _merged(stage))
    yield Fact("digits: version 2 in staging and production", stage.witness.serves("digits", 2))
    shas = _evidence_shas(stage, "digits")
    yield Fact("version 2 is the very bytes judged", stage.witness.versions("digits")[2] in shas)
    yield Fact("the same comment says what shipped", "version 2" in stage.witness.comment(pull))


def only_a_gate(stage: DemoStage) -> Iterator[Fact]:
    stage.person.start_branch("tighter-gate")
    stage.person.replace(MANIFEST, "max: 20}", "max: 10}")
    stage.person.replace("README.md", "and how.", "and how well.")
    pull, run = stage.propose("tighter-gate", "Ask for smaller digits", "Room on the devices.")
    yield Fact("plan: digits is judged again", run.decisions == _one("digits", "judge"))
    yield Fact("nothing trained", not run.trained)
    yield Fact("the check is green", stage.green(pull))
    released = stage.merge("tighter-gate", method="squash")
    yield Fact(
        "merged: version 2 stays", not released.trained and stage.witness.serves("digits", 2)
    )


def worse_parameter(stage: DemoStage) -> Iterator[Fact]:
    stage.person.start_branch("weaker-digits")
    stage.person.replace(PARAMS, "c: 100.0 ", "c: 0.1 ")
    pull, _ = stage.propose("weaker-digits", "Regularise digits more", "Just to see.")
    head = stage.witness.head(pull)
    yield Fact("the check is red", stage.witness.check(head) == "failure")
    comment = stage.witness.comment(pull)
    yield Fact("it says by how much, and against version 2", _has(comment, "worse than version 2"))
    answer = stage.person.merge(pull, method="squash")
    yield Fact(f"the merge is refused ({answer.status})", answer.status == 405)
    stage.person.close(pull)
    stage.engine.settle()


def more_data(stage: DemoStage) -> Iterator[Fact]:
    person = stage.person
    person.start_branch("more-patients")
    person.run("python", "make_data.py", "--rows", "442", "--pointer", at=_DIABETES)
    person.run("dvc", "commit", "--quiet", "--force", "data/diabetes.csv.dvc", at=_DIABETES)
    person.run("dvc", "push", "--quiet", "data/diabetes.csv.dvc", at=_DIABETES)
    pull, run = stage.propose("more-patients", "Add 89 patients", "The second clinic's rows.")
    yield Fact("plan: diabetes trains", run.decisions == _one("diabetes", "train"))
    said = " ".join(reason.sentence for reason in run.reasons("diabetes"))
    yield Fact(
        "plan says rows and bytes", _has(said, "353", "442") and bool(re.search(r"B\b", said))
    )
    yield Fact("diabetes trained, the check is green", stage.green(pull) and len(run.trained) == 1)
    person.git("switch", "--quiet", "--detach", "origin/main")
    person.replace("README.md", "how well.", "how well we know it.")
    person.commit_and_push("main", "Word the README better")
    yield Fact("main moves: nothing to do", not stage.engine.settle().trained)
    released = stage.merge("more-patients", method="merge")
    yield Fact("merge commit: evidence reused, nothing trained", not released.trained)
    yield Fact("diabetes: version 2", stage.witness.serves("diabetes", 2))


def shared_code(stage: DemoStage) -> Iterator[Fact]:
    stage.person.start_branch("shared-code")
    file = stage.person.folder / SHARED
    file.write_text(file.read_text() + "\n# Reviewed: every row of a table has one id.\n")
    pull, run = stage.propose("shared-code", "Note what was reviewed", "Touches both models.")
    yield Fact("plan: both train", run.decisions == dict.fromkeys(MODELS, Decision.TRAIN))
    yield Fact("both trained", sorted(run.trained) == sorted(MODELS))
    yield Fact("the check is green", stage.green(pull))
    stage.person.close(pull)
    stage.engine.settle()


def revert(stage: DemoStage) -> Iterator[Fact]:
    stage.person.start_branch("revert-stronger-digits")
    stage.person.git("revert", "--no-edit", stage.merges["stronger-digits"])
    title = 'Revert "Let digits fit harder"'
    stage.person.git("push", "--quiet", "origin", "HEAD:refs/heads/revert-stronger-digits")
    pull = stage.person.open_pull("revert-stronger-digits", title=title, body="Too eager.")
    stage.pulls["revert-stronger-digits"] = pull
    run = stage.engine.settle()
    yield Fact("plan: digits reuses evidence", run.decisions == _one("digits", "reuse"))
    yield Fact("nothing trained, the check is green", not run.trained and stage.green(pull))
    released = stage.merge("revert-stronger-digits", method="squash")
    yield Fact("merged: nothing trained", not released.trained)
    yield Fact("digits: back to version 1", stage.witness.serves("digits", 1))
    comment = stage.witness.comment(pull).lower()
    yield Fact("the comment says rolled back", _has(comment, "rolled back", "version 1"))
    kind = stage.witness.last_promotion("digits").get("kind")
    yield Fact("the ledger says rollback", kind == "rollback")


def run_again(stage: DemoStage) -> Iterator[Fact]:
    pulls = tuple(stage.pulls.values())
    before, bodies = stage.witness.counts(pulls), [stage.witness.comment(n) for n in pulls]
    run = stage.engine.repeat()
    yield Fact("nothing trained", not run.trained)
    yield Fact(
        "no second version, comment, deployment or record", stage.witness.counts(pulls) == before
    )
    yield Fact("every comment as it was", [stage.witness.comment(n) for n in pulls] == bodies)


CHAPTERS: dict[str, Chapter] = {
    "First push to main": first_push,
    "Pull request: better parameters of digits": better_parameters,
    "Pull request: only a gate and a README": only_a_gate,
    "Pull request: a parameter that makes digits worse": worse_parameter,
    "Pull request: more rows for diabetes": more_data,
    "Pull request: code that both models share": shared_code,
    "Revert of the better parameters": revert,
    **production.CHAPTERS,
    "The same jobs run again": run_again,
}
_DIABETES = "model-manifests/diabetes"


def _one(model: str, decision: str) -> dict[str, Decision]:
    """The decisions of a plan that touches one model only."""
    return {m: Decision(decision) if m == model else Decision.UNAFFECTED for m in MODELS}


def _has(text: str, *parts: str) -> bool:
    return all(part in text for part in parts)


def _merged(stage: DemoStage) -> bool:
    return all(stage.merges.values())


def _evidence_shas(stage: DemoStage, model: str) -> set[str]:
    paths = stage.witness.records(f"evidence/{model}/")
    return {stage.witness.record(path)["candidate"]["model"]["sha256"] for path in paths}
