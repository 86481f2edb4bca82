"""Who looks at the page and what they may do. What they may do is checked again where it is done.

Without sign-in the pages are served to this machine alone, and whoever opens them is the person whose machine it is.
With sign-in (OpenID Connect, ``spiritsafe dashboard --sign-in FILE``) the name comes from the provider and the role
from the table ``[roles]`` of the same file; somebody whom it does not name is a viewer.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

import streamlit as st

from analytics.actors import RANK, Actor, Role, at_terminal
from dashboard.cli import ROLE_VARIABLE, SIGN_IN_VARIABLE

ROLES: tuple[Role, ...] = ("viewer", "operator", "approver")
NOBODY = Actor("nobody", "viewer")


def has_sign_in() -> bool:
    """Whether people have to say who they are."""
    return bool(os.environ.get(SIGN_IN_VARIABLE))


def is_known() -> bool:
    """Whether the page may be shown: nobody has to sign in, or this person has."""
    return not has_sign_in() or bool(st.user.get("is_logged_in"))


def actor() -> Actor:
    """Whoever looks at the page."""
    if has_sign_in():
        return signed_in(st.user, st.secrets.get("roles", {})) if is_known() else NOBODY
    me, given = at_terminal(), os.environ.get(ROLE_VARIABLE)
    return Actor(me.name, cast(Role, given)) if given in get_args(Role) else me


def signed_in(claims: Mapping[str, Any], roles: Mapping[str, Iterable[str]]) -> Actor:
    """The person that a provider names. An address that the provider has not verified has no role of its own."""
    name = str(claims.get("email") or claims.get("sub") or "unknown")
    if claims.get("email_verified") is False:
        return Actor(name, "viewer")
    listed = [role for role in ROLES if name.lower() in {one.lower() for one in roles.get(f"{role}s", ())}]
    return Actor(name, listed[-1] if listed else "viewer")


def may(least: Role) -> bool:
    """Whether this person's role suffices, so that a page need not offer what would be refused."""
    return RANK[actor().role] >= RANK[least]


def needs(least: Role) -> str | None:
    """What a disabled button says; None where it may be pressed."""
    return None if may(least) else f"This needs the role {least}; you are {actor().role}."
