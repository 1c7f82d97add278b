"""The OpenID Connect issuer of workflows: signed claims about the job that requests a token.

https://docs.github.com/actions/concepts/security/openid-connect
"""

from github_sandbox.oidc.jobs import JobAccess, WorkflowJob

__all__ = ["JobAccess", "WorkflowJob"]
