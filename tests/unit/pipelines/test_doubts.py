"""What a plan says of composed parameters, open versions and paths out of the repository."""

from __future__ import annotations

import pytest

from interlock.domain.training.plan import Decision
from tests.unit.pipelines.history import HERE, MANIFEST, PIPELINE, Content, History, model

PARAMS = f"{HERE}/params.yaml"
HYDRA = "[core]\n    remote = s\n[hydra]\n    enabled = True\n"
CONF: dict[str, Content] = {
    ".dvc/config": HYDRA,
    "conf/config.yaml": "defaults: [net: small]\nsplit: {share: 0.5}\n",
    "conf/net/small.yaml": "# @package x\n",
}
CONF["conf/net/small.yaml"] = "width: 8\n"
CONF["conf/config.yaml"] = "defaults: [net: small]\nsplit: {share: 0.5}\ntrain: {c: 0.01}\n"


def composed(history: History, **more: str) -> str:
    """A model whose parameters are what Hydra composes; returns the commit."""
    text = "split:\n  share: 0.5\ntrain:\n  c: 0.01\nnet:\n  width: 8\n"
    return history.commit(model() | CONF | {PARAMS: text} | more)


def test_hydra__parameters_that_are_composed_are_no_warning(history: History) -> None:
    composed(history)
    assert history.plan(None).models[0].warnings == ()


def test_hydra__configuration_that_changed_alone_leaves_them_stale(history: History) -> None:
    composed(history)
    conf = str(CONF["conf/config.yaml"]).replace("0.01", "0.02")
    model_plan = history.after({"conf/config.yaml": conf})
    assert model_plan.decision is Decision.UNAFFECTED
    (warning,) = model_plan.warnings
    assert warning.startswith(
        f"{PARAMS} is stale: train.c is 0.01 in it, and Hydra composes 0.02 from conf/config.yaml"
    )


def test_hydra__parameters_that_changed_alone_are_stale(history: History) -> None:
    composed(history)
    model_plan = history.after({PARAMS: "split: {share: 0.5}\ntrain: {c: 5}\n"})
    assert "train.c is 5 in it, and Hydra composes 0.01" in model_plan.warnings[0]


def test_hydra__a_value_that_is_not_composed_is_stale(history: History) -> None:
    composed(history)
    conf = str(CONF["conf/config.yaml"]).replace("train: {c: 0.01}\n", "")
    model_plan = history.after({"conf/config.yaml": conf})
    assert "train.c is 0.01 in it, and Hydra composes nothing" in model_plan.warnings[0]


@pytest.mark.parametrize(
    "change",
    [
        {"conf/config.yaml": "# why\n" + str(CONF["conf/config.yaml"])},
        {"conf/net/small.yaml": "width: 9\n"},
        {"conf/net/large.yaml": "width: 99\n"},
        {"README.md": "x"},
    ],
)
def test_hydra__what_leaves_the_values_of_the_model_alone_is_no_warning(
    history: History, change: dict[str, Content]
) -> None:
    composed(history)
    assert history.after(change).warnings == ()


@pytest.mark.parametrize(
    "conf",
    [
        "# @package _global_\ntrain: {c: 9}\n",
        "train: {c: '${oc.env:C}'}\n",
        "defaults: [net@train: small]\n",
        "train: {c: 0x1_0, on: 12:30:00}\n",
        "defaults: [none]\n",
        "defaults: [config]\n",
        "- a\n",
        "a: [\n",
    ],
)
def test_hydra__what_only_hydra_composes_may_be_stale_when_it_changed(
    history: History, conf: str
) -> None:
    composed(history)
    model_plan = history.after({"conf/config.yaml": conf})
    (warning,) = model_plan.warnings
    assert warning.startswith(f"{PARAMS} may be stale: conf/config.yaml changed, and it did not")
    assert history.after({"README.md": "x"}).warnings == ()


def test_hydra__what_only_hydra_composes_is_not_stale_when_both_changed(history: History) -> None:
    composed(history)
    files = {
        "conf/config.yaml": "train: {c: '${oc.env:C}'}\n",
        PARAMS: "split: {share: 0.5}\ntrain: {c: 9}\n",
    }
    assert history.after(files).warnings == ()


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[hydra]\n    enabled = false\n",
        "[hydra]\n    config_dir = conf\n",
        "[hydra]\n    enabled = true\n    config_module = acme.conf\n",
        "[hydra]\n    enabled = true\n    config_dir = other\n",
    ],
)
def test_hydra__has_no_warning_without_hydra(history: History, config: str) -> None:
    composed(history, **{".dvc/config": config})
    assert history.after({"conf/config.yaml": "train: {c: 2}\n"}).warnings == ()


def test_hydra__composes_from_where_the_settings_say(history: History) -> None:
    settings = "[hydra]\n    enabled = true\n    config_dir = cfg\n    config_name = main\n"
    composed(history, **{".dvc/config": settings, "cfg/main.yaml": "a: 1\n"})
    model_plan = history.after({"cfg/main.yaml": "split: {share: 0.5}\ntrain: {c: 3}\n"})
    assert (
        "train.c is 0.01 in it, and Hydra composes 3 from cfg/main.yaml" in model_plan.warnings[0]
    )


def test_hydra__parameters_that_are_not_in_git_say_who_writes_them(history: History) -> None:
    composed(history)
    model_plan = history.after({PARAMS: None})
    assert model_plan.decision is Decision.BLOCKED
    assert "params.yaml is not in Git: Hydra composes it" in model_plan.sentence


OPEN: dict[str, tuple[str, str]] = {
    "requirements.txt": (
        "# all\nnumpy==2.0\npandas>=2\nscipy\nx~=1.0; sys_platform == 'a'\ny==1.*  # why\n",
        "`pandas>=2` (line 3), `scipy` (line 4), `x~=1.0; sys_platform == 'a'` (line 5) and 1 more",
    ),
    "requirements-dev.in": (
        "a[b] >= 1 \\\n    --hash=sha256:00\nb\n",
        "`a[b] >= 1` (line 1), `b` (line 3)",
    ),
    "requirements/base.txt": ("a @ git+https://example.com/a@main\n", "(line 1)"),
    "environment.yml": (
        "dependencies:\n- python=3.11\n- numpy\n- pandas>=2\n- pip: [x==1, y]\n",
        "`numpy` (line 3), `pandas>=2` (line 4), `y` (line 5)",
    ),
    "pyproject.toml": (
        '[project]\ndependencies = [\n  "numpy>=2",\n  "x==1",\n]\n',
        "`numpy>=2` (line 3)",
    ),
    "poetry/pyproject.toml": (
        "[tool.poetry.dependencies]\npython = '^3'\na = '^1'\nb = '1.2'\n",
        "`a ^1`",
    ),
    "Pipfile": ("[packages]\na = '*'\nb = '==1.0'\n", "`a *`"),
    "DESCRIPTION": (
        "Package: x\nDepends: R (>= 4.1)\nImports:\n    dplyr (>= 1.0),\n    stats, arrow\n",
        "`dplyr (>= 1.0)`, `arrow`",
    ),
    "Project.toml": ('name = "X"\n[deps]\nFlux = "587475ba"\n[compat]\nFlux = "0.14"\n', "`Flux`"),
    "setup.cfg": ("[options]\ninstall_requires =\n    a\n    b==1\n", "`a`"),
}


@pytest.mark.parametrize("name", OPEN)
def test_environment__that_leaves_versions_open_is_a_warning(history: History, name: str) -> None:
    text, packages = OPEN[name]
    manifest = MANIFEST.replace("../../uv.lock", f"../../{name}")
    history.commit(model() | {f"{HERE}/model.yaml": manifest, name: text})
    (warning,) = history.plan(None).models[0].warnings
    assert warning.startswith(f"{name} leaves versions open: ")
    assert packages in warning


FIXED: dict[str, str] = {
    "requirements.txt": "--index-url https://x\nnumpy==2.0\nA_b[c]==1 ; x\nd===1\n-e .\n./local\n"
    f"e @ git+https://example.com/e@{'a' * 40}\nf @ https://x/f.whl#sha256=00\ng>=1,==1.2\n",
    "environment.yml": "dependencies: [python=3.11, numpy==2.0, 'a=1=py_0', {pip: ['-e .']}]\n",
    "pyproject.toml": "[project]\nname = 'x'\n[tool.poetry.dependencies]\nx = {path = '../x'}\n",
    "uv.lock": "version = 1\n",
    "renv.lock": "{}",
    "Dockerfile": "FROM x\n",
    ".python-version": "3.11\n",
    "requirements-broken.txt": "",
}


@pytest.mark.parametrize("name", FIXED)
def test_environment__that_fixes_its_versions_is_no_warning(history: History, name: str) -> None:
    manifest = MANIFEST.replace("../../uv.lock", f"../../{name}")
    history.commit(model() | {f"{HERE}/model.yaml": manifest, name: FIXED[name]})
    assert history.plan(None).models[0].warnings == ()


LOOSE = "[project]\ndependencies = ['numpy']\n"


def warnings_of(history: History, environment: str, files: dict[str, Content]) -> tuple[str, ...]:
    manifest = MANIFEST.replace("[../../uv.lock]", environment)
    history.commit(model() | {f"{HERE}/model.yaml": manifest} | files)
    return history.plan(None).models[0].warnings


def test_environment__lock_beside_it_fixes_all(history: History) -> None:
    files: dict[str, Content] = {"pyproject.toml": LOOSE}
    assert warnings_of(history, "[../../pyproject.toml, ../../uv.lock]", files) == ()


@pytest.mark.parametrize(
    ("file", "text", "lock"),
    [
        ("environment.yml", "dependencies: [numpy]\n", "conda-lock.yml"),
        ("Project.toml", "[deps]\nFlux = 'a'\n", "Manifest.toml"),
        ("DESCRIPTION", "Imports: dplyr\n", "renv.lock"),
    ],
)
def test_environment__lock_of_another_language_fixes_all(
    history: History, file: str, text: str, lock: str
) -> None:
    (warning,) = warnings_of(history, f"[../../{file}]", {file: text, lock: ""})
    assert warning.endswith(f"add {lock} to `environment`")
    assert warnings_of(history, f"[../../{file}, ../../{lock}]", {}) == ()


def test_environment__lock_that_is_not_listed_is_named(history: History) -> None:
    (warning,) = warnings_of(history, "[../../pyproject.toml]", {"pyproject.toml": LOOSE})
    assert warning.endswith("add uv.lock to `environment`")


def test_environment__without_any_lock_asks_for_one(history: History) -> None:
    files: dict[str, Content] = {"a/pyproject.toml": LOOSE}
    (warning,) = warnings_of(history, "[../../a/pyproject.toml]", files)
    assert warning.endswith("lock them, and add the lock file to `environment`")


def test_environment__file_that_it_includes_has_to_be_listed(history: History) -> None:
    files: dict[str, Content] = {
        "requirements.txt": "-c constraints.txt\n-r more.txt\nnumpy\nscipy\n",
        "constraints.txt": "NumPy==2.0\n",
        "more.txt": "x==1\n",
    }
    names = "[../../requirements.txt, ../../constraints.txt]"
    lines = warnings_of(history, names, files)
    assert lines[0] == (
        "requirements.txt includes more.txt, which `environment` does not list; add it there"
    )
    assert "open: `scipy` (line 4);" in lines[1]


LOCKED: dict[str, tuple[str, bool]] = {
    "requirements.txt": ("spacy==3.7\n", True),
    "uv.lock": ("[[package]]\nname = 'spacy'\nsource = {registry = 'x'}\n", True),
    "poetry.lock": ("[[package]]\nname = 'spacy'\n[package.source]\ntype = 'directory'\n", False),
    "pdm.lock": ("[[package]]\nname = 'spaCy'\n", True),
    "Pipfile.lock": ('{"default": {"spacy": {}}}', True),
    "environment.yml": ("dependencies: [spacy=3.7]\n", True),
    "conda-lock.yml": ("package:\n- {name: spaCy, version: '3.7'}\n", True),
    "conda-linux-64.lock": (
        "@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/spacy-3.7.2-py311_0.conda#ab\n",
        True,
    ),
    "pixi.lock": ("packages:\n- conda: https://x/noarch/spacy-3.7.2-py_0.conda\n", True),
    "Manifest.toml": ("[[deps.spaCy]]\nversion = '3.7'\n", True),
    "JuliaManifest.toml": ("[[spaCy]]\nversion = '3.7'\n", True),
    "DESCRIPTION": ("Imports: spacy (== 3.7), jsonlite\n", True),
    "sub/pixi.lock": ("packages: [3, {pypi: x}]\n", False),
    "sub/uv.lock": ("[[package]]\nname = 'spacy'\nsource = {editable = '.'}\n", False),
    "sub/requirements.txt": ("spacy>=3\n", False),
    "sub/poetry.lock": ("[[package]", False),
}


@pytest.mark.parametrize("name", LOCKED)
def test_environment__brings_the_programs_of_packages_that_it_fixes(
    history: History, name: str
) -> None:
    text, is_brought = LOCKED[name]
    pipeline = PIPELINE.replace("python train.py", "spacy train").replace("train.py, ", "")
    files = model(pipeline) | {name: text}
    files[f"{HERE}/model.yaml"] = MANIFEST.replace("../../uv.lock", f"../../{name}")
    history.commit(files)
    lines = [w for w in history.plan(None).models[0].warnings if "cannot see" in w]
    assert bool(lines) is not is_brought


def test_environment__what_runs_a_project_by_convention_is_unseen_all_the_same(
    history: History,
) -> None:
    pipeline = PIPELINE.replace("python train.py", "kedro run").replace("train.py, ", "")
    history.commit(model(pipeline) | {"uv.lock": "[[package]]\nname = 'kedro'\n"})
    assert "`kedro run`" in history.plan(None).models[0].warnings[0]


@pytest.mark.parametrize(
    "word", ["/data/x.csv", "--data=/data/x", "~/x", "$HOME/x", "../../../x", "X=/data/x", "C:/x"]
)
def test_outside__path_in_a_command_is_a_warning(history: History, word: str) -> None:
    history.commit(model(PIPELINE.replace("python train.py", f"python train.py {word}")))
    (warning,) = history.plan(None).models[0].warnings
    path = word.rpartition("=")[2]
    assert f"names {path}, which is outside the repository" in warning


@pytest.mark.parametrize(
    "command",
    [
        "python train.py > /dev/null",
        "python train.py --url s3://b/x http://x/y",
        "/usr/bin/python train.py",
        "sed -i s/a/b/ x && python train.py",
        "python train.py ../shared --lr -1 /",
        "echo /x; python train.py",
    ],
)
def test_outside__what_is_no_path_of_the_machine_is_none(history: History, command: str) -> None:
    history.commit(model(PIPELINE.replace("python train.py", command)))
    assert not [w for w in history.plan(None).models[0].warnings if "outside" in w]


@pytest.mark.parametrize("value", ["/data/x.csv", "~/data", "../../../x"])
def test_outside__path_in_a_parameter_is_a_warning(history: History, value: str) -> None:
    history.commit(model() | {PARAMS: f"split: {{share: 0.5}}\ntrain: {{c: '{value}'}}\n"})
    (warning,) = history.plan(None).models[0].warnings
    assert warning.startswith(f"{PARAMS}: train.c is {value}, which is outside the repository")


@pytest.mark.parametrize("value", ["/", "1/2", "../shared", "https://x/y", "/a b", "a/b"])
def test_outside__other_parameters_are_none(history: History, value: str) -> None:
    history.commit(model() | {PARAMS: f"split: {{share: 0.5}}\ntrain: {{c: '{value}'}}\n"})
    assert history.plan(None).models[0].warnings == ()
