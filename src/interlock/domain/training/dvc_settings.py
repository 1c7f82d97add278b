"""Decides which settings of DVC a file of the repository may set; no file is read or written here.

The names are those of `dvc.config_schema` of DVC 3.67. An option counts only if it is listed,
because a newer DVC may have another option that starts a program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_CORE = {"remote", "analytics", "check_update", "autostage", "interactive", "no_scm"}
_CORE |= {"checksum_jobs", "hardlink_lock"}
_CACHE = {"type", "protected", "slow_link_warning", "verify"}
_ANY = {"url", "jobs", "checksum_jobs", "worktree", "version_aware", "no_traverse", "verify"}
_TIMES = {"timeout", "read_timeout", "connect_timeout", "connection_timeout"}
_BY_SCHEME: Mapping[str, set[str]] = {
    "": {"type", "protected", "slow_link_warning"},
    "remote": set(),
    "s3": {
        "region",
        "endpointurl",
        "use_ssl",
        "listobjects",
        "allow_anonymous_login",
        "cache_regions",
        "sse",
        "sse_kms_key_id",
        "acl",
        *_TIMES,
    },
    "gs": {"projectname", "allow_anonymous_login"},
    "azure": {"account_name", "allow_anonymous_login", *_TIMES},
    "oss": {"oss_endpoint"},
    "gdrive": {"gdrive_use_service_account", "gdrive_trash_only", "gdrive_acknowledge_abuse"},
    "ssh": {"port", "user", "max_sessions", *_TIMES},
    "hdfs": {"user", "replication"},
    "webhdfs": {"user", "use_https"},
    "http": {"method", *_TIMES},
    "https": {"method", *_TIMES},
    "webdav": {"user", *_TIMES},
    "webdavs": {"user", *_TIMES},
}
_FILES = {
    "configpath",
    "credentialpath",
    "keyfile",
    "cert_path",
    "key_path",
    "ssl_verify",
    "kerb_ticket",
    "gdrive_user_credentials_file",
    "gdrive_service_account_json_file_path",
}
USED = ("core", "cache", "remote")
"""The sections that bringing and storing data needs; the others are left out."""


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a settings file; `remote` is the name in its section's heading."""

    section: str
    name: str
    value: str
    remote: str = ""

    @property
    def words(self) -> str:
        if self.section == "remote":
            return f'`{self.name}` of remote "{self.remote}"'
        return f"`{self.section}.{self.name}`"


def options(settings: Mapping[str, Any]) -> Iterator[Option]:
    """Yield every option of the sections in USED, as DVC has parsed them."""
    for section in ("core", "cache"):
        for name, value in settings.get(section, {}).items():
            yield Option(section, name, str(value))
    for remote, values in settings.get("remote", {}).items():
        for name, value in (values if isinstance(values, Mapping) else {"": values}).items():
            yield Option("remote", name, str(value), remote)


def refused(settings: Mapping[str, Any]) -> tuple[Option, ...]:
    """Return the options that a change may not set, in the order in which they are written.

    They name a file, a command or a folder, or set an identity. A change would then choose which
    program starts, and which data is read or sent, without a trace in any fingerprint.
    """
    return tuple(each for each in options(settings) if not _may_come(each, settings))


def kept(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sections that are used, without the options that a change may not set."""
    kept_settings: dict[str, Any] = {section: dict(settings.get(section, {})) for section in USED}
    kept_settings["remote"] = {
        name: dict(values)
        for name, values in kept_settings["remote"].items()
        if isinstance(values, Mapping)
    }
    for option in refused({section: settings.get(section, {}) for section in USED}):
        is_remote = option.section == "remote"
        place = (
            kept_settings["remote"].get(option.remote, {})
            if is_remote
            else kept_settings[option.section]
        )
        place.pop(option.name, None)
    return kept_settings


def naming_files(settings: Mapping[str, Any]) -> tuple[Option, ...]:
    """Return the options that name a file which controls a program, or contains a secret."""
    return tuple(
        each for each in options(settings) if each.section == "remote" and each.name in _FILES
    )


def _may_come(option: Option, settings: Mapping[str, Any]) -> bool:
    if option.section != "remote":
        return option.name in (_CORE if option.section == "core" else _CACHE)
    values = settings["remote"][option.remote]
    url = values.get("url", "") if isinstance(values, Mapping) else ""
    known = _BY_SCHEME.get(scheme(str(url)))
    return known is not None and option.name in _ANY | known


def scheme(url: str) -> str:
    """Return the scheme of a remote's URL, "" for a folder, as DVC reads it."""
    before, mark, rest = url.partition("://")
    return before.lower() if mark and rest.partition("/")[0] else ""


def line(text: str, option: Option) -> int:
    """Return the line of an option in a settings file, counted from 1; 1 if it is not found.

    DVC accepts section names and options in any letter case, and with blanks around them.
    """
    heading = f'remote "{option.remote}"' if option.section == "remote" else option.section
    inside = False
    for number, written in enumerate(text.splitlines(), start=1):
        stripped = written.strip().lower()
        if stripped.startswith("["):
            inside = " ".join(stripped.strip("[]'\" ").split()) == heading.lower().strip('"')
        elif inside and stripped.partition("=")[0].strip(" '\"") == option.name:
            return number
    return 1
