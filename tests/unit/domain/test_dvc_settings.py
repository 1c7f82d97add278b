"""What a settings file of DVC that a change brings may say, held against DVC's own schema."""

from __future__ import annotations

from typing import Any

import pytest
from dvc.config_schema import REMOTE_SCHEMAS, SCHEMA
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.training import dvc_settings
from interlock.domain.training.dvc_settings import Option

S3 = {"url": "s3://models/dvc", "endpointurl": "https://s3.example.com", "region": "eu-1"}
TEXT = """\
[core]
    remote = store
['remote "Other Store"']
    url = s3://other
    profile = acme
[ 'remote "store"' ]
    url = s3://models
    ConfigPath = ../aws
"""


def names(scheme: str) -> list[str]:
    """Every option that DVC knows of a remote with this scheme."""
    return sorted(str(getattr(name, "schema", name)) for name in REMOTE_SCHEMAS[scheme])


EVERY = [
    (scheme, name) for scheme in REMOTE_SCHEMAS if scheme != "remote" for name in names(scheme)
]
# What starts a program, names a file, or says who one is.
STEERING = [
    *("path", "command", "file", "password", "passphrase", "secret", "token", "profile"),
    *("connection_string", "access_key", "account_key", "keyfile", "custom_auth", "proxy"),
]


@pytest.mark.parametrize(("scheme", "name"), EVERY)
def test_refused__no_option_of_dvc_that_steers_may_come(scheme: str, name: str) -> None:
    url = f"{scheme}://place/x" if scheme else "/srv/x"
    changed = {"remote": {"store": {"url": url, name: url if name == "url" else "x"}}}
    is_refused = bool(dvc_settings.refused(changed))
    assert is_refused or not any(word in name for word in STEERING), name


@given(st.sampled_from(EVERY), st.text(min_size=1).filter(lambda t: t not in dict(EVERY).values()))
def test_refused__whatever_is_not_listed(of: tuple[str, str], name: str) -> None:
    """A newer DVC may have an option more."""
    url = f"{of[0]}://place/x" if of[0] else "/srv/x"
    known = {each for _, each in EVERY}
    changed = {"remote": {"store": {"url": url, f"{name}-new": "x"}}}
    assert f"{name}-new" in known or len(dvc_settings.refused(changed)) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"core": {"remote": "store", "autostage": "true"}, "remote": {"store": S3}},
        {"remote": {"store": {"url": "../../store", "jobs": "4"}}},
        {"remote": {"store": {"url": "https://example.com/dvc", "read_timeout": "9"}}},
        {"remote": {"a": S3, "b": {"url": "remote://a/sub"}}, "cache": {"type": "reflink,copy"}},
        {"hydra": {"plugins_path": "x"}, "exp": {"auto_push": "true"}, "plots": {"out_dir": "/"}},
        {},
    ],
)
def test_refused__nothing_of_what_places_need(settings: dict[str, Any]) -> None:
    assert dvc_settings.refused(settings) == ()
    used = {name: value for name, value in settings.items() if name in dvc_settings.USED}
    kept = dvc_settings.kept(settings)
    assert {name: value for name, value in kept.items() if value} == used


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"remote": {"s": S3 | {"configpath": "x"}}}, '`configpath` of remote "s"'),
        ({"remote": {"s": {"url": "hg://x/y"}}}, '`url` of remote "s"'),
        ({"remote": {"s": {"endpointurl": "x"}}}, '`endpointurl` of remote "s"'),
        ({"remote": {"s": {"url": "remote://a/b", "profile": "p"}}}, '`profile` of remote "s"'),
        ({"remote": {"s": "no section"}}, '`` of remote "s"'),
        ({"remote": {"": S3 | {"profile": "p"}}}, '`profile` of remote ""'),
        ({"cache": {"dir": "/home/runner/.ssh"}}, "`cache.dir`"),
        ({"core": {"site_cache_dir": "/x"}}, "`core.site_cache_dir`"),
        ({"core": {"machine": "m"}}, "`core.machine`"),
    ],
)
def test_refused__names_the_option_and_it_is_not_kept(settings: dict[str, Any], words: str) -> None:
    assert [each.words for each in dvc_settings.refused(settings)] == [words]
    assert dvc_settings.refused(dvc_settings.kept(settings)) == ()


def test_kept__leaves_the_sections_out_that_bringing_data_does_not_need() -> None:
    unused = set(map(str, SCHEMA)) - set(dvc_settings.USED)
    assert {"hydra", "db", "plots", "machine", "feature"} <= unused
    assert set(dvc_settings.kept({name: {"x": "y"} for name in unused})) == set(dvc_settings.USED)


def test_naming_files__are_the_options_whose_value_is_a_file() -> None:
    changed = {"remote": {"s": S3 | {"configpath": "a", "credentialpath": "b", "ssl_verify": "c"}}}
    assert [each.value for each in dvc_settings.naming_files(changed)] == ["a", "b", "c"]
    assert dvc_settings.naming_files({"cache": {"dir": "x"}}) == ()


@pytest.mark.parametrize(
    ("option", "line"),
    [
        (Option("core", "remote", ""), 2),
        (Option("remote", "profile", "", "Other Store"), 5),
        (Option("remote", "configpath", "", "store"), 8),
        (Option("remote", "jobs", "", "store"), 1),
    ],
)
def test_line__is_that_of_the_option_in_its_section(option: Option, line: int) -> None:
    assert dvc_settings.line(TEXT, option) == line
