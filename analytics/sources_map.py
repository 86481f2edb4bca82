"""The file in which a person says what the columns of their own log mean."""

import tomllib
from pathlib import Path
from typing import Any

from analytics.errors import DataMissing, InputError


def read_map(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; what they may say is the generic importer's to check."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataMissing(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML ({error})") from error
