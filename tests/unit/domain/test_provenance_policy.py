"""When provenance is required, and who issues the tokens."""

from __future__ import annotations

import pytest

from interlock.domain.model.policy import ProvenanceMode, ProvenancePolicy


@pytest.mark.parametrize(
    ("mode", "inside", "outside"),
    [
        (ProvenanceMode.UNSET, True, False),
        (ProvenanceMode.NONE, False, False),
        (ProvenanceMode.REQUIRED, True, True),
    ],
)
def test_is_required__by_default_only_inside_actions(
    mode: ProvenanceMode, inside: bool, outside: bool
) -> None:
    policy = ProvenancePolicy(mode=mode)
    assert policy.is_required(in_actions=True) is inside
    assert policy.is_required(in_actions=False) is outside


@pytest.mark.parametrize(
    ("server_url", "issuer"),
    [
        ("https://github.com", "https://token.actions.githubusercontent.com"),
        ("https://acme.ghe.com", "https://token.actions.acme.ghe.com"),
        ("https://github.acme.example", "https://github.acme.example/_services/token"),
        ("http://acme.ghe.com", "http://acme.ghe.com/_services/token"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/_services/token"),
    ],
)
def test_issuer_of__server(server_url: str, issuer: str) -> None:
    assert ProvenancePolicy().issuer_of(server_url) == issuer
    assert ProvenancePolicy(issuer="https://a.example").issuer_of(server_url) == "https://a.example"
