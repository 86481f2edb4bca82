"""Tokens that take the place of values: equal values give equal tokens, and only the workspace's key can tell more."""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

TOKENS_KEPT = 200_000


@dataclass(frozen=True)
class Privacy:
    """What an import does with personal data. Small, so it travels to worker processes with their job."""

    key: bytes = field(repr=False)  # of the workspace; never shown, not in an error either
    redacts: bool = True  # False: --no-redact, texts as they came; users are hashed all the same

    @property
    def key_id(self) -> str:
        """Tells keys apart without telling the key; recorded with each import."""
        return _mac(self.key, b"id", "spiritsafe", 4)

    def token(self, kind: str, value: str) -> str:
        """What stands in a text in place of ``value``, such as <email:a4c09e2f>.

        Eight signs, of which the first is a letter and the second a digit: wherever templates are told apart by
        masking ids, every token is an id. About one in a billion pairs of values shares a token.
        """
        return _token(self.key, kind, value)

    def hashed(self, name: str | None, what: str) -> str | None:
        """A user or an API key by a keyed hash: without the key nobody can try names until one fits."""
        return _hashed(self.key, what, name) if name else None


def _mac(key: bytes, purpose: bytes, value: str, size: int) -> str:
    """Keyed BLAKE2b; ``purpose`` keeps a user's hash from equalling the token of the same text."""
    return hashlib.blake2b(value.encode(errors="replace"), digest_size=size, key=key, person=purpose).hexdigest()


@lru_cache(maxsize=TOKENS_KEPT)
def _token(key: bytes, kind: str, value: str) -> str:
    code = _mac(key, kind.encode(), value, 5)
    first, second = divmod(int(code[:4], 16), 10)
    return f"<{kind}:{'abcdef'[first % 6]}{second}{code[4:]}>"


@lru_cache(maxsize=TOKENS_KEPT)
def _hashed(key: bytes, what: str, name: str) -> str:
    return _mac(key, what.encode(), name, 16)
