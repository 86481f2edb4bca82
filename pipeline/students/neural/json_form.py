"""Which texts can still become a JSON object: a student for JSON is never allowed to leave that path.

A pushdown automaton over characters. While an answer is written, a token that would leave valid JSON is passed over
for the next likeliest; the end is allowed only where the object is complete.
"""

from dataclasses import dataclass, replace

STRUCTURAL = {"{": "}", "[": "]"}
LITERALS = ("true", "false", "null")
NUMBER = frozenset("0123456789+-.eE")
SPACE = frozenset(" \t\n\r")


@dataclass(frozen=True)
class Form:
    """Where in a JSON text one stands."""

    stack: str = ""  # open brackets
    want: str = "value"  # value, key, first_key, first_value, colon, comma, end
    inside: str = ""  # string, escape, hex, number, literal
    text: str = ""  # of the number, literal or key being written
    is_key: bool = False
    keys: tuple[frozenset[str], ...] = ()  # written in each open object, so that none comes twice

    @property
    def is_complete(self) -> bool:
        """Whether the text may end here."""
        return self.want == "end" and not self.inside and not self.stack


def advance(form: Form | None, text: str, allowed: frozenset[str] | None = None) -> Form | None:
    """The form after more text; None where no JSON object can follow.

    allowed: keys of the outermost object; None: any.

    >>> advance(Form(), '{"a": [1, tr') is not None, advance(Form(), '{"a" 1')
    (True, None)
    >>> advance(Form(), '{"a": 1}').is_complete
    True
    """
    for sign in text:
        if form is None:
            return None
        form = _step(form, sign, allowed)
    return form


def _step(form: Form, sign: str, allowed: frozenset[str] | None) -> Form | None:
    if form.inside in ("string", "escape", "hex"):
        return _in_string(form, sign, allowed)
    if form.inside == "literal":
        return _in_literal(form, sign)
    if form.inside == "number":
        if sign in NUMBER:
            return _number(form, sign)
        if not _is_number(form.text):
            return None
        return _step(replace(form, inside="", text=""), sign, allowed)
    return form if sign in SPACE and form.stack else _structure(form, sign)


def _in_string(form: Form, sign: str, allowed: frozenset[str] | None) -> Form | None:
    if form.inside == "hex":
        left = int(form.text[-1]) if form.text else 4
        if sign not in "0123456789abcdefABCDEF":
            return None
        return replace(form, inside="hex" if left > 1 else "string", text=str(left - 1) if left > 1 else "")
    if form.inside == "escape":
        if sign == "u" and not form.is_key:
            return replace(form, inside="hex", text="4")
        return replace(form, inside="string") if sign in '"\\/bfnrt' else None
    if sign == "\\":
        return None if form.is_key else replace(form, inside="escape")
    if sign == '"':
        return _close_string(form, allowed)
    if ord(sign) < 32:
        return None
    if not form.is_key:
        return form
    return _key_goes_on(replace(form, text=form.text + sign), allowed)


def _key_goes_on(form: Form, allowed: frozenset[str] | None) -> Form | None:
    if allowed is None or len(form.stack) > 1:
        return form
    open_keys = allowed - form.keys[-1]
    return form if any(key.startswith(form.text) for key in open_keys) else None


def _close_string(form: Form, allowed: frozenset[str] | None) -> Form | None:
    if not form.is_key:
        return _value_done(replace(form, inside="", text=""))
    if form.text in form.keys[-1] or (allowed is not None and len(form.stack) == 1 and form.text not in allowed):
        return None
    keys = (*form.keys[:-1], form.keys[-1] | {form.text})
    return replace(form, inside="", text="", is_key=False, want="colon", keys=keys)


def _in_literal(form: Form, sign: str) -> Form | None:
    text = form.text + sign
    if text in LITERALS:
        return _value_done(replace(form, inside="", text=""))
    return replace(form, text=text) if any(word.startswith(text) for word in LITERALS) else None


def _number(form: Form, sign: str) -> Form | None:
    text = form.text + sign
    return replace(form, text=text) if _is_number(text) or _is_number(text + "0") else None


def _is_number(text: str) -> bool:
    if text.lstrip("-")[:1] in ("", ".", "e", "E", "+") or (
        text.lstrip("-")[:1] == "0" and text.lstrip("-")[1:2].isdigit()
    ):
        return False
    if text.endswith(".") or ".e" in text.casefold():
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def _structure(form: Form, sign: str) -> Form | None:
    want = form.want
    if want in ("key", "first_key") and sign == '"':
        return replace(form, inside="string", is_key=True, text="")
    if want == "colon":
        return replace(form, want="value") if sign == ":" else None
    if want == "comma":
        return _comma(form, sign)
    if (want == "first_key" and sign == "}") or (want == "first_value" and sign == "]"):
        return _close(form, sign)
    return _value(form, sign) if want in ("value", "first_value") else None


def _comma(form: Form, sign: str) -> Form | None:
    if sign == ",":
        return replace(form, want="key" if form.stack[-1] == "{" else "value")
    return _close(form, sign) if sign in "}]" else None


def _close(form: Form, sign: str) -> Form | None:
    if not form.stack or STRUCTURAL[form.stack[-1]] != sign:
        return None
    keys = form.keys[:-1] if sign == "}" else form.keys
    return _value_done(replace(form, stack=form.stack[:-1], keys=keys))


def _value(form: Form, sign: str) -> Form | None:
    if not form.stack and sign != "{":
        return None  # an object, or nothing
    if sign == "{":
        return replace(form, stack=form.stack + "{", want="first_key", keys=(*form.keys, frozenset()))
    if sign == "[":
        return replace(form, stack=form.stack + "[", want="first_value")
    if sign == '"':
        return replace(form, inside="string", is_key=False, text="")
    if sign in "tfn":
        return replace(form, inside="literal", text=sign)
    started = _number(replace(form, inside="number", want="value"), sign) if sign in NUMBER else None
    return replace(started, want="comma") if started else None


def _value_done(form: Form) -> Form:
    return replace(form, want="comma" if form.stack else "end")
