"""The one file that is ever fetched from a model hub: a ``config.json`` at a pinned commit, when a person asks.

Weights are never fetched by this program: they take a person's consent to a licence, and minutes to hours.
"""

import json
import os
import re
import urllib.request
from typing import Any

from analytics.errors import InputError, SpiritsafeError

HUB = "https://huggingface.co"
COMMIT = re.compile(r"[0-9a-f]{40}")
NAME = re.compile(r"[\w.-]+/[\w.-]+")
MOST_BYTES = 1 << 20  # a config is a few kilobytes
PATIENCE_S = 20.0


def fetch_config(hub_id: str, revision: str) -> dict[str, Any]:
    """The parsed config of a repository at a commit. ``HF_ENDPOINT`` names another hub, ``HF_TOKEN`` opens a gated one.

    Raises InputError for a name or revision that is none, SpiritsafeError when the hub does not give it.
    """
    if not NAME.fullmatch(hub_id):
        raise InputError(f"{hub_id!r} is no repository of a hub: write ORGANISATION/MODEL@COMMIT")
    if not COMMIT.fullmatch(revision):
        raise InputError(
            f"{hub_id}: revision {revision!r} may move; pin a commit of 40 hexadecimal digits, as the hub shows it "
            "under Files, History"
        )
    url = f"{os.environ.get('HF_ENDPOINT', HUB).rstrip('/')}/{hub_id}/resolve/{revision}/config.json"
    try:
        found = json.loads(_get(url))
    except (OSError, ValueError) as error:
        raise SpiritsafeError(f"{url} cannot be read: {error}; or fetch the folder yourself and add it") from error
    if not isinstance(found, dict):
        raise SpiritsafeError(f"{url} holds no JSON object")
    return found


def _get(url: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise InputError(f"HF_ENDPOINT names no web address: {url}")
    token = os.environ.get("HF_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return bytes(answer.read(MOST_BYTES))
