"""Create repositories and forks."""

from __future__ import annotations

from pathlib import Path

from github_sandbox import limits
from github_sandbox.instance import Instance
from github_sandbox.state import Json

_UPDATE_HOOK = """\
#!/bin/sh
# Refuse to delete or force-push a protected branch.
case " $SANDBOX_PROTECTED " in *" $1 "*) ;; *) exit 0 ;; esac
case "$3" in
*[!0]*) git merge-base --is-ancestor "$2" "$3" 2>/dev/null && exit 0
        case "$2" in *[!0]*) ;; *) exit 0 ;; esac
        why="Cannot force-push to this branch" ;;
*) why="Cannot delete this branch" ;;
esac
echo "error: GH006: Protected branch update failed for $1." >&2
echo "error: $why" >&2
exit 1
"""
# Git runs this hook with the accepted updates only.
_RECEIVED_HOOK = '#!/bin/sh\n[ -z "$SANDBOX_MOVES" ] || cat > "$SANDBOX_MOVES"\n'


def create(instance: Instance, name: str, *, default_branch: str, private: bool = False) -> Json:
    """Create an empty repository; the caller has checked the name."""
    git = instance.git(name)
    git.create(default_branch=default_branch)
    _write_hook(git.path, "update", _UPDATE_HOOK)
    _write_hook(git.path, "post-receive", _RECEIVED_HOOK)
    owner = name.split("/", maxsplit=1)[0]
    instance.ensure_user(owner, kind="Organization")
    repository: Json = {
        "id": instance.store.next("id"),
        "full_name": name,
        "default_branch": default_branch,
        "private": private,
        "fork_of": "",
        "created_at": limits.now(),
        "protection": {},
    }
    instance.save_repository(repository)
    return repository


def fork(instance: Instance, parent: Json, *, owner: str) -> Json:
    """Return the owner's fork of a repository; create it if it does not exist."""
    name = f"{owner}/{parent['full_name'].split('/')[1]}"
    known = instance.repository(name)
    if known is not None:
        return known
    instance.ensure_user(owner)
    made = create(
        instance, name, default_branch=parent["default_branch"], private=parent["private"]
    )
    git, source = instance.git(name), instance.git(parent["full_name"]).path
    git.run(
        "fetch", "--quiet", str(source), "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"
    )
    made["fork_of"] = parent["full_name"]
    instance.save_repository(made)
    return made


def _write_hook(repository: Path, name: str, text: str) -> None:
    hook = repository / "hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(text)
    hook.chmod(0o755)
