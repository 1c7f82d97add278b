"""`init`: proposes the files with which a DVC repository starts to use Interlock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from interlock import errors, manifests
from interlock.commands.init import from_program, measurement, observation, proposal
from interlock.commands.init.adoption import Adoption
from interlock.commands.init.completion import ProposalDraft
from interlock.commands.init.proposal import ProposalSettings
from interlock.domain.adoption import model_choice
from interlock.domain.adoption.model_choice import UNKNOWN_OWNER, ModelChoice
from interlock.domain.adoption.pipeline_facts import AdoptionFacts
from interlock.domain.model.policy import Policy
from interlock.pipelines import ResolveTemplates
from interlock.ports.git import Repository, Tree
from interlock.ports.scoring import Scoring
from interlock.ports.table_facts import TableDescriptions
from interlock.rendering import adoption

_DVC_SETTINGS = "/.dvc/config"
_REMOTE = b'remote "'


@dataclass(frozen=True, slots=True, kw_only=True)
class InitContext:
    repository: Repository
    descriptions: TableDescriptions
    scoring: Callable[[], Scoring]
    resolve_templates: ResolveTemplates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOptions:
    """`branch` is the default branch, "" for the one of origin. `program` is the command that
    trains in a repository without DVC, and `data` what it reads."""

    branch: str = ""
    owner: str = ""
    program: str = ""
    data: tuple[str, ...] = ()
    settings: ProposalSettings = field(default_factory=ProposalSettings)


def run(context: InitContext, options: InitOptions) -> Adoption:
    """Return the proposal for HEAD; nothing is written but objects that no branch has.

    Raises CannotResolve for a repository without a commit, BadInput for one without a pipeline that
    makes a model, and CannotReadPipelines for a dvc.yaml that DVC refuses.
    """
    repository = context.repository
    base = repository.resolve("HEAD")
    first = from_program.propose(repository, base, command=options.program, data=options.data)
    draft = ProposalDraft(repository, base, {each.path: each for each in first})
    tree = draft.tree()
    facts = _observe(context, tree, options)
    choices = model_choice.choose(facts, owner=options.owner)
    if not choices:
        message, hint = _nothing(facts)
        raise errors.BadInput(message, hint=hint)
    choices, problems = _measure(context, choices)
    made = proposal.make(tree, facts, choices, options.settings)
    draft.files |= {each.path: each for each in made}
    draft.add_models(choices)
    draft.add_deps(context.resolve_templates)
    return Adoption(
        base,
        facts.branch,
        choices,
        tuple(draft.files.values()),
        (*problems, *adoption.notes(choices), *draft.refused, *_remote(tree)),
        is_owner_known=all(UNKNOWN_OWNER not in each.text for each in draft.files.values()),
        is_mlflow_known=bool(options.settings.mlflow or _policy(tree).mlflow),
    )


def _observe(context: InitContext, tree: Tree, options: InitOptions) -> AdoptionFacts:
    repository = context.repository
    return observation.observe(
        tree,
        root=repository.root,
        origin=repository.origin,
        branch=options.branch or repository.default_branch,
        resolve=context.resolve_templates,
        descriptions=context.descriptions,
    )


def _measure(
    context: InitContext, choices: tuple[ModelChoice, ...]
) -> tuple[tuple[ModelChoice, ...], tuple[str, ...]]:
    if all(each.rows is None for each in choices):
        return choices, ()  # nothing to score: its packages need not be there
    return measurement.measure(choices, context.repository.root, context.scoring())


def _remote(tree: Tree) -> Iterator[str]:
    """Yield a sentence if no DVC project of the tree names a remote."""
    places = [path for path in tree.named(("config",)) if f"/{path}".endswith(_DVC_SETTINGS)]
    texts = [tree.read(path) or b"" for path in places]
    if not any(_REMOTE in text for text in texts):
        yield (
            "No DVC remote is known: name the place for data and models with "
            "`dvc remote add --default NAME URL`, and commit `.dvc/config` to the default branch."
        )


def _nothing(facts: AdoptionFacts) -> tuple[str, str]:
    if not facts.pipelines:
        hint = 'name the command that trains: interlock init --from "python train.py" --data data'
        return "there is no dvc.yaml in this repository", hint
    hint = "add the model to the `outs` of the stage that makes it"
    return "no stage has an output that looks like a model", hint


def _policy(tree: Tree) -> Policy:
    return manifests.read_policy(tree.read(manifests.POLICY_PATH))[0] or Policy()
