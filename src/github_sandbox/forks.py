"""Create repositories and forks."""

from __future__ import annotations

from pathlib import Path

from github_sandbox import limits
from github_sandbox.instance import Instance
from github_sandbox.state import Json

_UPDATE_HOOK = """\
#!/bin/sh
# Refuse an update that the protection or a rule of the branch forbids.
ref=$1 old=$2 new=$3
case " $SANDBOX_RULES $SANDBOX_PROTECTED " in *"$ref "*) ;; *) exit 0 ;; esac
exists() { case $1 in *[!0]*) ;; *) false ;; esac; }
refuse_by_rule() {
  case " $SANDBOX_RULES " in *" $1:$ref "*) ;; *) return 0 ;; esac
  printf 'error: GH013: Repository rule violations found for %s.\\n\\n- %s\\n\\n' "$ref" "$2" >&2
  exit 1
}
refuse() {
  refuse_by_rule "$1" "$2"
  case " $SANDBOX_PROTECTED " in *" $ref "*) ;; *) return 0 ;; esac
  printf 'error: GH006: Protected branch update failed for %s.\\nerror: %s\\n' "$ref" "$2" >&2
  exit 1
}
exists "$new" || { refuse deletion "Cannot delete this branch"; exit 0; }
if exists "$old"; then
  git merge-base --is-ancestor "$old" "$new" 2>/dev/null ||
    refuse non_fast_forward "Cannot force-push to this branch"
  since=$old
else
  since=--all
fi
[ -z "$(git rev-list --merges --max-count=1 "$new" --not "$since")" ] ||
  refuse_by_rule required_linear_history "This branch must not contain merge commits"
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
