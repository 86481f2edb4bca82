"""Model and provider names as logs spell them, and when one of them means a listed model.

Matching must not guess: a prefix rule of the price list accepts a date, a version or a region around
the listed name and nothing else, so that an invented or fine-tuned model stays unknown.
"""

import re
from collections.abc import Mapping

# Spellings of LiteLLM, Langfuse, OpenTelemetry and of people, to the provider's file name.
ALIASES: Mapping[str, str] = {
    "amazon": "aws",
    "amazon_nova": "aws",
    "sagemaker": "aws",
    "azure_ai": "azure",
    "azure_openai": "azure",
    "azure_text": "azure",
    "azure-openai": "azure",
    "az.ai.openai": "azure",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "codestral": "mistral",
    "cohere_chat": "cohere",
    "fireworks_ai": "fireworks",
    "fireworks_ai-embedding-models": "fireworks",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "gemini": "google",
    "github_copilot": "github-copilot",
    "meta_llama": "meta",
    "mistral_ai": "mistral",
    "mistralai": "mistral",
    "moonshot": "moonshotai",
    "text-completion-codestral": "mistral",
    "text-completion-openai": "openai",
    "together_ai": "together",
    "togetherai": "together",
    "voyage": "voyageai",
    "xai": "x-ai",
    "x_ai": "x-ai",
}
FAMILIES: Mapping[str, str] = {"vertex": "google", "google": "google", "bedrock": "aws", "aws": "aws"}

# They pass calls on, so the model's own name tells whose price applies.
GATEWAYS = frozenset({"litellm", "litellm_proxy", "helicone", "portkey", "langfuse", "custom_openai", "proxy"})

_REGION = re.compile(r"^(us|eu|apac|jp|au|ca|global|us-gov)\.(?=[a-z0-9-]+\.)")
_BEFORE = re.compile(r"^$|[./]$")  # nothing, or a namespace
_AFTER = re.compile(
    r"^([-@:._](\d{8}|\d{6}|\d{4}|\d{3}|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}(-\d{4})?|\d{2}-\d{4}|v\d+(\.\d+)?|latest|preview|exp|default)|:\d)*$"
)
_COMPACT_DATE = re.compile(r"-(20\d{2})(\d{2})(\d{2})$")


def canonical_provider(name: str | None) -> str | None:
    """The provider's file name for a spelling in a log; None when there is none."""
    if not name or not name.strip():
        return None
    spelled = name.strip().lower()
    if spelled in ALIASES:
        return ALIASES[spelled]
    family = re.split(r"[_\-. ]", spelled)[0]
    return FAMILIES.get(family, spelled)


def spellings(model: str) -> list[str]:
    """Names under which a model may be listed, as written first: without path, region or provider prefix."""
    name = model.strip().lower()
    found = [name]
    if name.startswith("ft:"):  # ft:BASE:organisation::id is priced as a fine-tuned BASE
        found.append(":".join(name.split(":")[:2]))
    if "/" in name:
        found += [name.split("/", 1)[1], name.rsplit("/", 1)[1]]
    found += [_REGION.sub("", one) for one in found]
    found += [_COMPACT_DATE.sub(r"-\1-\2-\3", one) for one in found]
    return list(dict.fromkeys(one for one in found if one))


def matches(clause: Mapping[str, object], name: str) -> bool:
    """Whether a listed model's rule means this name; prefix and substring rules leave no unknown rest."""
    (kind, rule) = next(iter(clause.items()))
    if kind in ("or", "and") and isinstance(rule, list):
        return (any if kind == "or" else all)(matches(part, name) for part in rule)
    text = str(rule).lower()
    if kind == "equals":
        return name == text
    if kind == "regex":
        return re.search(str(rule), name) is not None
    return _around(kind, text, name)


def _around(kind: str, text: str, name: str) -> bool:
    place = {"starts_with": name.find(text), "contains": name.find(text), "ends_with": name.rfind(text)}[kind]
    if place < 0:
        return False
    before, after = name[:place], name[place + len(text) :]
    if after and text[-1] in "-@:._":
        after = text[-1] + after  # a rule that ends in a separator
    if (kind == "starts_with" and before) or (kind == "ends_with" and after):
        return False
    return bool(_BEFORE.search(before)) and bool(_AFTER.match(after))
