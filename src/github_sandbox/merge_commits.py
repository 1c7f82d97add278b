"""Create merge commits as GitHub does, without a working tree."""

from __future__ import annotations

from dataclasses import dataclass

from github_sandbox.git import GitRepository, Person


@dataclass(frozen=True, slots=True)
class Signature:
    """The author or committer of a new commit; the date is ISO 8601, "" for now."""

    person: Person
    date: str = ""


def merge_tree(git: GitRepository, ours: str, theirs: str) -> str | None:
    """Return the tree of the three-way merge, or None for conflicts."""
    if git.merge_base(ours, theirs) is None:
        return None
    return git.merge_tree(ours, theirs)


def merge_commit(
    git: GitRepository, *, base: str, head: str, message: str, by: Person
) -> str | None:
    tree = merge_tree(git, base, head)
    return tree and commit_tree(
        git, tree, parents=(base, head), message=message, author=Signature(by)
    )


def squash(git: GitRepository, *, base: str, head: str, message: str, by: Person) -> str | None:
    tree = merge_tree(git, base, head)
    return tree and commit_tree(git, tree, parents=(base,), message=message, author=Signature(by))


def rebase(git: GitRepository, *, base: str, head: str, by: Person) -> str | None:
    """Apply the commits of the head on the base; the committer is `by`."""
    start = git.merge_base(base, head)
    if start is None:
        return None
    tip = base
    for commit in git.commits(head, exclude=base, oldest_first=True, limit=10_000):
        if len(commit.parents) != 1:
            continue
        # `merge-tree` finds the merge base (an option for it needs Git 2.40). A copy of the tip
        # with the parent of the commit has that parent as the merge base.
        copy = commit_tree(
            git, f"{tip}^{{tree}}", parents=commit.parents, message="", author=Signature(by)
        )
        tree = merge_tree(git, copy, commit.sha)
        if tree is None:
            return None
        if tree == git.resolve(tip, kind="tree"):
            continue
        author = Signature(commit.author, commit.author_date)
        tip = commit_tree(
            git,
            tree,
            parents=(tip,),
            message=commit.message,
            author=author,
            committer=Signature(by),
        )
    return tip


def commit_tree(
    git: GitRepository,
    tree: str,
    *,
    parents: tuple[str, ...],
    message: str,
    author: Signature,
    committer: Signature | None = None,
) -> str:
    committer = committer or author
    env = {
        "GIT_AUTHOR_NAME": author.person.name,
        "GIT_AUTHOR_EMAIL": author.person.email,
        "GIT_COMMITTER_NAME": committer.person.name,
        "GIT_COMMITTER_EMAIL": committer.person.email,
    }
    if author.date:
        env["GIT_AUTHOR_DATE"] = author.date
    if committer.date:
        env["GIT_COMMITTER_DATE"] = committer.date
    links = [word for parent in parents for word in ("-p", parent)]
    tree_sha = git.resolve(tree, kind="tree") or tree
    return (
        git.run("commit-tree", tree_sha, *links, stdin=message.encode(), env=env).decode().strip()
    )
