"""The steps of the demo in pull requests: the actions of users and their expected effects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interlock.demo import production_steps
from interlock.demo.project import MODELS, add_models
from interlock.demo.results import Assertion
from interlock.demo.session import DemoSession, Step
from interlock.domain.training.plan import Decision

PARAMS = "model-manifests/digits/params.yaml"
MANIFEST = "model-manifests/digits/model.yaml"
SHARED = "model-manifests/shared/outputs.py"


def first_push(session: DemoSession) -> Iterator[Assertion]:
    add_models(session.project)
    production_steps.add_monitoring(session.project)
    session.user.commit_and_push("main", "Describe two models")
    session.project.hub.require_check("acme/models", branch="main", contexts=["interlock"])
    run = session.queue.run_pending()
    yield Assertion("both models were trained", sorted(run.trained) == sorted(MODELS))
    for model in MODELS:
        promoted = session.state.last_promotion(model)
        yield Assertion(
            f"{model}: evaluated without a champion", promoted.get("replaces", "") is None
        )
        yield Assertion(
            f"{model}: version 1 in staging and production", session.state.is_deployed(model, 1)
        )


def better_parameters(session: DemoSession) -> Iterator[Assertion]:
    session.user.start_branch("stronger-digits")
    session.user.replace(PARAMS, "c: 1.0 ", "c: 100.0 ")
    body = "Less regularisation: there are enough training rows."
    pull, run = session.propose("stronger-digits", "Let digits fit harder", body)
    reasons = [(r.name, r.before, r.after) for r in run.reasons("digits")]
    yield Assertion("plan: train digits, not diabetes", run.decisions == _one("digits", "train"))
    yield Assertion(
        "plan names the reason: classifier.c 1.0 → 100.0",
        ("classifier.c", "1.0", "100.0") in reasons,
    )
    comment = session.state.comment(pull)
    yield Assertion(
        "one comment has the interval, gates and lineage",
        _has(comment, "f1_macro", "better than", "mermaid"),
    )
    yield Assertion("the check is green", session.green(pull))
    merged = session.merge("stronger-digits", method="squash")
    yield Assertion("merged by squash: no training", not merged.trained and _merged(session))
    yield Assertion(
        "digits: version 2 in staging and production", session.state.is_deployed("digits", 2)
    )
    shas = _evidence_shas(session, "digits")
    yield Assertion(
        "version 2 is the evaluated artifact", session.state.versions("digits")[2] in shas
    )
    yield Assertion("the same comment names version 2", "version 2" in session.state.comment(pull))


def only_a_gate(session: DemoSession) -> Iterator[Assertion]:
    session.user.start_branch("tighter-gate")
    session.user.replace(MANIFEST, "max: 20}", "max: 10}")
    session.user.replace("README.md", "and how.", "and how well.")
    pull, run = session.propose("tighter-gate", "Ask for smaller digits", "Room on the devices.")
    yield Assertion("plan: evaluate digits again", run.decisions == _one("digits", "judge"))
    yield Assertion("no training", not run.trained)
    yield Assertion("the check is green", session.green(pull))
    merged = session.merge("tighter-gate", method="squash")
    yield Assertion(
        "merged: version 2 remains", not merged.trained and session.state.is_deployed("digits", 2)
    )


def worse_parameter(session: DemoSession) -> Iterator[Assertion]:
    session.user.start_branch("weaker-digits")
    session.user.replace(PARAMS, "c: 100.0 ", "c: 0.1 ")
    pull, _ = session.propose("weaker-digits", "Regularise digits more", "Just to see.")
    head = session.state.head(pull)
    yield Assertion("the check is red", session.state.check(head) == "failure")
    comment = session.state.comment(pull)
    yield Assertion(
        "the comment has the difference to version 2", _has(comment, "worse than version 2")
    )
    answer = session.user.merge(pull, method="squash")
    yield Assertion(f"GitHub refuses the merge ({answer.status})", answer.status == 405)
    session.user.close(pull)
    session.queue.run_pending()


def more_data(session: DemoSession) -> Iterator[Assertion]:
    user = session.user
    user.start_branch("more-patients")
    user.run("python", "make_data.py", "--rows", "442", "--pointer", at=_DIABETES)
    user.run("dvc", "commit", "--quiet", "--force", "data/diabetes.csv.dvc", at=_DIABETES)
    user.run("dvc", "push", "--quiet", "data/diabetes.csv.dvc", at=_DIABETES)
    pull, run = session.propose("more-patients", "Add 89 patients", "The second clinic's rows.")
    yield Assertion("plan: train diabetes", run.decisions == _one("diabetes", "train"))
    reasons = " ".join(reason.sentence for reason in run.reasons("diabetes"))
    yield Assertion(
        "plan has the number of rows and bytes",
        _has(reasons, "353", "442") and bool(re.search(r"B\b", reasons)),
    )
    yield Assertion(
        "diabetes was trained and the check is green", session.green(pull) and len(run.trained) == 1
    )
    user.git("switch", "--quiet", "--detach", "origin/main")
    user.replace("README.md", "how well.", "how well we know it.")
    user.commit_and_push("main", "Improve the README")
    yield Assertion("another commit on main: no training", not session.queue.run_pending().trained)
    merged = session.merge("more-patients", method="merge")
    yield Assertion("merge commit: evidence reused, no training", not merged.trained)
    yield Assertion(
        "diabetes: version 2 in staging and production", session.state.is_deployed("diabetes", 2)
    )


def shared_code(session: DemoSession) -> Iterator[Assertion]:
    session.user.start_branch("shared-code")
    file = session.user.folder / SHARED
    file.write_text(file.read_text() + "\n# Reviewed: every row of a table has one id.\n")
    pull, run = session.propose("shared-code", "Document the review", "Changes both models.")
    yield Assertion(
        "plan: train both models", run.decisions == dict.fromkeys(MODELS, Decision.TRAIN)
    )
    yield Assertion("both models were trained", sorted(run.trained) == sorted(MODELS))
    yield Assertion("the check is green", session.green(pull))
    session.user.close(pull)
    session.queue.run_pending()


def revert(session: DemoSession) -> Iterator[Assertion]:
    session.user.start_branch("revert-stronger-digits")
    session.user.git("revert", "--no-edit", session.merges["stronger-digits"])
    title = 'Revert "Let digits fit harder"'
    session.user.git("push", "--quiet", "origin", "HEAD:refs/heads/revert-stronger-digits")
    pull = session.user.open_pull("revert-stronger-digits", title=title, body="Too much.")
    session.pulls["revert-stronger-digits"] = pull
    run = session.queue.run_pending()
    yield Assertion("plan: reuse the evidence of digits", run.decisions == _one("digits", "reuse"))
    yield Assertion("no training, the check is green", not run.trained and session.green(pull))
    merged = session.merge("revert-stronger-digits", method="squash")
    yield Assertion("merged: no training", not merged.trained)
    yield Assertion("digits: version 1 again", session.state.is_deployed("digits", 1))
    comment = session.state.comment(pull).lower()
    yield Assertion("the comment reports the rollback", _has(comment, "rolled back", "version 1"))
    kind = session.state.last_promotion("digits").get("kind")
    yield Assertion("the ledger records a rollback", kind == "rollback")


def run_again(session: DemoSession) -> Iterator[Assertion]:
    pulls = tuple(session.pulls.values())
    before, bodies = session.state.counts(pulls), [session.state.comment(n) for n in pulls]
    run = session.queue.run_again()
    yield Assertion("no training", not run.trained)
    yield Assertion(
        "no second version, comment, deployment or record", session.state.counts(pulls) == before
    )
    yield Assertion(
        "all comments are the same", [session.state.comment(n) for n in pulls] == bodies
    )


STEPS: dict[str, Step] = {
    "First push to main": first_push,
    "Pull request: better parameters for digits": better_parameters,
    "Pull request: only a gate and the README": only_a_gate,
    "Pull request: a worse parameter for digits": worse_parameter,
    "Pull request: more rows for diabetes": more_data,
    "Pull request: code shared by both models": shared_code,
    "Revert the better parameters": revert,
    **production_steps.STEPS,
    "All jobs run again": run_again,
}
_DIABETES = "model-manifests/diabetes"


def _one(model: str, decision: str) -> dict[str, Decision]:
    """Return the decisions of a plan that affects one model only."""
    return {m: Decision(decision) if m == model else Decision.UNAFFECTED for m in MODELS}


def _has(text: str, *parts: str) -> bool:
    return all(part in text for part in parts)


def _merged(session: DemoSession) -> bool:
    return all(session.merges.values())


def _evidence_shas(session: DemoSession, model: str) -> set[str]:
    paths = session.state.records(f"evidence/{model}/")
    return {session.state.record(path)["candidate"]["model"]["sha256"] for path in paths}
