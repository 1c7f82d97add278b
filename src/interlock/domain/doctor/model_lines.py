"""Lines about the models of a revision: inputs, outputs, code, environment, metrics."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from interlock.domain.basics import figures
from interlock.domain.doctor.line import SettingCheck, ok, unknown, wrong
from interlock.domain.model.snapshot import ModelAt

PREFIX = "dvc:"
_MOST = 3


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """A model at a revision. `open_versions` are sentences about its environment, `tracked` the
    outputs of DVC's cache that Git tracks, too. `numbers` are the values of its metrics files in
    the checkout by dotted key, and `absent` are those files that are not there."""

    model: ModelAt
    open_versions: tuple[str, ...] = ()
    tracked: tuple[str, ...] = ()
    numbers: Mapping[str, float] | None = None
    absent: tuple[str, ...] = ()


def no_model(problems: Collection[str]) -> Iterator[SettingCheck]:
    """Yield lines of a revision without a model, or with manifests that cannot be read."""
    for problem in problems:
        yield wrong("manifests", problem, "correct it, and run: interlock validate")
    if not problems:
        yield wrong("manifests", "no manifest declares a model", "interlock init")


def lines(facts: CheckedModel) -> Iterator[SettingCheck]:
    """Yield the lines of one model."""
    name, model = facts.model.manifest.model, facts.model
    if model.lineage is None:
        fix = "correct it, commit, and run: interlock validate"
        yield wrong(f"pipeline of {name}", model.blocked, fix)
        return
    count = figures.count(len(model.lineage.inputs), "input")
    target = f"{model.manifest.pipeline.file}:{model.manifest.pipeline.target}"
    yield ok(f"pipeline of {name}", f"{target} has {count}, and makes the outputs of the manifest")
    yield _outputs(name, facts.tracked)
    yield _code(name, model)
    yield _environment(name, facts)
    yield from _other(name, facts)
    yield from _metrics(name, facts)


def _outputs(name: str, tracked: Collection[str]) -> SettingCheck:
    line = f"outputs of {name}"
    if not tracked:
        return ok(line, "Git tracks none of the outputs in DVC's cache")
    sentence = f"Git tracks outputs of DVC's cache: {figures.listing(sorted(tracked))}"
    return wrong(line, sentence, f"git rm -r --cached {' '.join(sorted(tracked))}, and commit")


def _code(name: str, model: ModelAt) -> SettingCheck:
    line, undeclared = f"code of {name}", model.undeclared
    if not undeclared:
        return ok(line, "all code that the programs name is among the inputs")
    sentence = _some(each.sentence for each in undeclared)
    if all(each.path for each in undeclared):
        return wrong(line, sentence, "interlock plan --suggest-deps --write")
    return wrong(line, sentence, "list the files in `deps`, or name the program in `cmd`")


def _environment(name: str, facts: CheckedModel) -> SettingCheck:
    line, files = f"environment of {name}", facts.model.manifest.environment
    if not files:
        fix = "list a lock file in `environment` of the manifest, for example uv.lock"
        return wrong(line, "no file fixes the versions of its packages", fix)
    if facts.open_versions:
        return wrong(line, _some(facts.open_versions), "do what the sentence names, and commit")
    return ok(line, f"{figures.listing(sorted(files))}: every version is fixed")


def _other(name: str, facts: CheckedModel) -> Iterator[SettingCheck]:
    """Yield a line for each other warning of the plan."""
    listed = {*facts.open_versions, *(each.sentence for each in facts.model.undeclared)}
    for sentence in facts.model.warnings:
        if sentence not in listed:
            yield wrong(f"inputs of {name}", sentence, "interlock plan prints it, too")


def _metrics(name: str, facts: CheckedModel) -> Iterator[SettingCheck]:
    """Check that the metrics of the pipeline that the manifest names have values."""
    manifest, line = facts.model.manifest, f"metrics of {name}"
    named = [manifest.evaluation.primary, *(rule.metric for rule in manifest.gates)]
    wanted = {each.removeprefix(PREFIX) for each in named if each.startswith(PREFIX)}
    if not wanted:
        return
    if facts.numbers is None or facts.absent:
        reason = f"{figures.listing(sorted(facts.absent)) or 'a checkout'} is not there"
        yield unknown(line, reason, "dvc pull, or dvc repro")
    elif missing := sorted(wanted - set(facts.numbers)):
        sentence = f"no metrics file has {figures.listing(missing)}"
        known = figures.listing(sorted(facts.numbers)[:_MOST])
        yield wrong(line, sentence, f"name one of the keys in `gates`, for example {known}")
    else:
        yield ok(line, f"the metrics files have {figures.listing(sorted(wanted))}")


def _some(sentences: Collection[str] | Iterator[str]) -> str:
    every = list(sentences)
    more = f"; and {len(every) - _MOST} more" if len(every) > _MOST else ""
    return "; ".join(every[:_MOST]) + more
