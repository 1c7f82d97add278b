"""Files of a checkout that some program would run or obey, were it started there; each one that is
run makes a file, and each one that is obeyed leaves the word canary in what is printed."""

from __future__ import annotations

from pathlib import Path

# Modules of ours, of Python's start, and of packages that our programs import or look for.
MODULES = (
    "sitecustomize",
    "usercustomize",
    "antigravity",
    "venv",
    "site",
    "os",
    "re",
    "json",
    "yaml",
    "polars",
    "numpy",
    "matplotlib",
    "mlflow",
    "dvc",
    "click",
    "github",
    "requests",
    "interlock",
    "sqlalchemy",
    "conftest",
    "setup",
    "settings",
    "dynaconf_hooks",
    "celeryconfig",
    "matplotlibrc",
    "noxfile",
    "backend",
)
PACKAGES = ("ensurepip", "pip", "interlock", "mpl_toolkits", "dvc_s3", "encodings")
PROGRAMS = (
    "git",
    "uv",
    "python",
    "python3",
    "bash",
    "env",
    "dirname",
    "mktemp",
    "touch",
    "dvc",
    "latex",
    "git-lfs",
)


def plant(checkout: Path, canary: Path) -> list[str]:
    """Write them all beside what is there; the paths that were written."""
    python = f"open({str(canary)!r}, 'a').write(__file__ + '\\n')\n"
    shell = f'#!/bin/sh\necho "$0" >> "{canary}"\n'
    files = {f"{name}.py": python for name in MODULES}
    files |= {f"{name}/__init__.py": python for name in PACKAGES}
    files |= {"interlock/__main__.py": python, "__main__.py": python, "__init__.py": python}
    files |= {
        "planted.pth": f"import os; open({str(canary)!r}, 'a')\n",
        "interlock.pth": "/canary\n",
    }
    files |= dict.fromkeys(PROGRAMS, shell)
    files |= {f".githooks/{name}": shell for name in ("post-checkout", "pre-push", "post-commit")}
    files |= _settings(canary)
    for name, text in files.items():
        file = checkout / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            file.chmod(0o755)
    return sorted(files)


def _settings(canary: Path) -> dict[str, str]:
    command = f"touch {canary}"
    # What matplotlib before 3.10.9 evaluates, written past its look for what is not allowed.
    above = "(g := (g.gi_frame.f_back.f_back.f_builtins for _ in [1]))"
    evil = f"{above}, [*g][0]['_'+'_import_'+'_']('os').system({command!r})"
    return {
        "matplotlibrc": f"canary.key: 1\naxes.prop_cycle: cycler('color', [{evil}])\n"
        "text.usetex: True\nbackend: module://backend\n",
        "matplotlibrc.local": "canary.key: 1\n",
        ".matplotlib/matplotlibrc": "canary.key: 1\n",
        ".python-version": "2.7-canary\n",
        "uv.toml": 'offline = true\nindex-url = "http://127.0.0.1:9/canary"\ncanary = 1\n',
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\n'
        'backend-path = ["."]\n[project]\nname = "canary"\nversion = "1"\n'
        '[tool.uv]\npackage = true\nindex-url = "http://127.0.0.1:9/canary"\n',
        "setup.cfg": "[canary]\n[easy_install]\nindex_url = http://127.0.0.1:9/canary\n",
        "pip.conf": "[global]\nindex-url = http://127.0.0.1:9/canary\n",
        ".pip/pip.conf": "[global]\nindex-url = http://127.0.0.1:9/canary\n",
        ".pypirc": "[distutils]\nindex-servers = canary\n",
        ".pydistutils.cfg": "[canary]\n",
        ".netrc": "default login canary password canary\n",
        ".env": "MLFLOW_TRACKING_URI=canary\nPYTHONSTARTUP=sitecustomize.py\nBASH_ENV=bash\n",
        ".envrc": f"{command}\n",
        ".bashrc": f"{command}\n",
        ".flaskenv": "FLASK_APP=canary\n",
        "pyvenv.cfg": "home = .\n",
        "python._pth": ".\n",
        "alembic.ini": "[alembic]\nscript_location = canary\n",
        "MLproject": f"name: canary\nentry_points: {{main: {{command: '{command}'}}}}\n",
        ".numba_config.yaml": "canary: 1\n",
        "logging.conf": "[loggers]\nkeys=canary\n",
        ".aws/config": f"[default]\ncredential_process = {command}\n",
        ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = .\n\tupdate = !{command}\n',
        ".gitattributes": "* diff=canary merge=canary\n",
        ".gitconfig": f"[core]\n\tfsmonitor = {command}\n\thooksPath = .githooks\n",
        ".lfsconfig": f"[lfs]\n\tcustomtransfer.canary.path = {command}\n",
    }
