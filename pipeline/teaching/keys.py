"""Where a provider's key comes from, and how it is kept out of everything that is written.

A key is read in the worker, from the environment or the system's keyring. It is in no argument, plan, database or log:
what the worker prints and stores passes ``hide`` first, which also catches keys that a provider quotes in an error.
"""

import importlib
import importlib.util
import logging
import os
import re
import sys
from typing import TextIO, cast

SERVICE = "spiritsafe"
HIDDEN = "[key hidden]"
SHORTEST = 8  # characters; a shorter value would blank out words
NAMES = re.compile(r"(_API_KEY|_TOKEN|_SECRET|_SECRET_ACCESS_KEY)$")
_known: set[str] = set()


def find_key(model: str) -> str | None:
    """The key of a model's provider; None where there is none, as for a server of one's own."""
    provider = model.partition("/")[0]
    found = os.environ.get(f"{provider.upper().replace('-', '_')}_API_KEY") or _from_keyring(provider)
    if found:
        _known.add(found)
    return found


def _from_keyring(provider: str) -> str | None:
    if importlib.util.find_spec("keyring") is None:
        return None
    found = importlib.import_module("keyring").get_password(SERVICE, provider)
    return str(found) if found else None


def hide(text: str) -> str:
    """The text without any key that this process knows."""
    secrets = _known | {value for name, value in os.environ.items() if NAMES.search(name)}
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, HIDDEN)
    return text


class HidingStream:
    """A stream that hides keys in whatever is written to it, tracebacks included."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write without keys."""
        return self._stream.write(hide(text))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class HidingFilter(logging.Filter):
    """Hides keys in log records."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message."""
        record.msg, record.args = hide(record.getMessage()), None
        return True


def hide_in_output() -> None:
    """From now on no key leaves this process by print, log or traceback. Once is enough; twice does no harm."""
    if isinstance(sys.stdout, HidingStream):
        return
    sys.stdout = cast(TextIO, HidingStream(sys.stdout))
    sys.stderr = cast(TextIO, HidingStream(sys.stderr))
    for handler in logging.getLogger().handlers:
        handler.addFilter(HidingFilter())
