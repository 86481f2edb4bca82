"""Libraries that come with an extra, loaded when a document is made and not before."""

import importlib
import importlib.util
from typing import Any

from analytics.errors import MissingExtra

EXTRA = "pdf"
FOR_HTML = ("jinja2", "vl_convert")
FOR_PDF = (*FOR_HTML, "weasyprint")


def extra(module: str) -> Any:
    """The module. Raises MissingExtra, which says what to install."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise MissingExtra(module, EXTRA) from None


def missing(modules: tuple[str, ...]) -> str | None:
    """What a person has to install before these documents can be made; None where nothing is missing."""
    absent = [module for module in modules if importlib.util.find_spec(module) is None]
    return str(MissingExtra(absent[0], EXTRA)) if absent else None
