"""Makes the test set in ``data/privacy/``: synthetic values in the forms in which people and machines write them.

python benchmarks/privacy_set.py

Nothing in it belongs to anybody: names are made of syllables, numbers are drawn at random and given their check
digits. Forms that the detectors are known to miss are in it too, in the share in which logs seem to hold them.
"""

import json
import random
import string
from collections.abc import Callable, Iterator
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "data" / "privacy"
SEED = 20260
PER_KIND = 300
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"

# What stands around a value; the same for every kind, so that no kind is told by its surroundings.
PLAIN = [
    ("en", "Hello, this is about {v} as we discussed."),
    ("en", "Please use {v}. Thanks!"),
    ("en", "my details: {v}, let me know"),
    ("en", "({v})"),
    ("en", "I wrote '{v}' on the form; is that right?"),
    ("de", "Guten Tag, bitte notieren Sie {v} für den Vorgang."),
    ("de", "Meine Angaben lauten {v}. Vielen Dank"),
    ("fr", "Bonjour, voici {v}, merci de confirmer."),
    ("es", "Hola, os paso {v} para el expediente."),
    ("it", "Buongiorno, ecco {v} per la pratica."),
    ("pt", "Olá, segue {v} para o cadastro."),
    ("nl", "Beste, hierbij {v} voor het dossier."),
    ("pl", "Dzień dobry, podaję {v} do sprawy."),
    ("ru", "Здравствуйте, вот {v} для заявки."),
    ("ja", "こちらです: {v} よろしくお願いします。"),
    ("zh", "您好，这是 {v} ，谢谢。"),
    ("log", "2026-03-04T10:22:31Z INFO worker-3 value={v} status=200"),
    ("log", "[warn] rejected {v} after 3 attempts"),
    ("csv", "1042;Meier;{v};Berlin"),
    ("csv", "17,{v},open"),
    ("tsv", "a\t{v}\t3"),
    ("json", '{{"id": 7, "value": "{v}", "ok": true}}'),
    ("json in a string", '{{\\"note\\": \\"first line\\n{v}\\"}}'),
    ("markdown", "| field | {v} |"),
    ("html", "<td>{v}</td>"),
    ("signature", "Kind regards\nA. Example\n{v}\nSales"),
    ("start", "{v} is what I meant"),
    ("end", "here it comes: {v}"),
]


class Maker:
    """Draws values; one random source, so that a seed gives one set."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def digits(self, count: int) -> str:
        return "".join(self.rng.choice(string.digits) for _ in range(count))

    def of(self, signs: str, count: int) -> str:
        return "".join(self.rng.choice(signs) for _ in range(count))

    def word(self) -> str:
        return "".join(
            self.rng.choice(["ka", "lo", "mi", "ren", "sa", "tor", "vel", "ul", "ber", "dan", "ish", "no"])
            for _ in range(self.rng.choice([2, 3]))
        )

    def shaped(self, shape: str) -> str:
        """N: 2-9, X: 0-9, everything else as it is."""
        return "".join(
            {"N": self.rng.choice("23456789"), "X": self.rng.choice(string.digits)}.get(sign, sign) for sign in shape
        )


def emails(m: Maker) -> tuple[str, str]:
    first, last, site = m.word(), m.word(), m.word()
    tld = m.rng.choice(["com", "de", "co.uk", "org", "io", "fr", "com.br", "museum", "co.jp", "gov.au", "info"])
    forms: list[tuple[str, str]] = [
        ("first.last", f"{first}.{last}@{site}.{tld}"),
        ("capitals", f"{first.title()}.{last.title()}@{site.title()}.{tld.upper()}"),
        ("plus", f"{first}+{m.word()}{m.digits(2)}@{site}.{tld}"),
        ("underscore", f"{first}_{last}{m.digits(3)}@{site}-{m.word()}.{tld}"),
        ("short", f"{first[0]}@{site}.{tld}"),
        ("digits", f"{m.digits(7)}@{site}.{tld}"),
        ("subdomains", f"{first}@mail.{site}.eu-west.{m.word()}.{tld}"),
        ("apostrophe", f"{first}.o'{last}@{site}.{tld}"),
        ("accents", f"{first}.müller@{site}ü.de"),
        ("mailto", f"mailto:{first}@{site}.{tld}"),
        ("angle", f"{first.title()} {last.title()} <{first}@{site}.{tld}>"),
        ("query", f"https://{site}.com/join?email={first}%40{site}.{tld}&x=1"),
        ("brackets", f"{first}[at]{site}.{tld}"),
        ("brackets and gaps", f"{first} [at] {site} [dot] com"),
        ("round brackets", f"{first}(at){site}(dot)org"),
        ("words", f"{first} at {site} dot com"),
        ("list", f"a.{first}@{site}.{tld};b.{last}@{site}.{tld}"),
        ("punycode", f"{first}@xn--{site}-kva.com"),
    ]
    return m.rng.choice(forms)


def luhn_digit(body: str) -> str:
    total = sum(int(d) if i % 2 else sum(divmod(int(d) * 2, 10)) for i, d in enumerate(reversed(body)))
    return str(-total % 10)


def card_digits(m: Maker) -> tuple[str, str]:
    brand, prefix, length = m.rng.choice(
        [
            ("visa", "4", 16),
            ("visa", "4", 16),
            ("mastercard", f"5{m.rng.choice('12345')}", 16),
            ("mastercard", "2221", 16),
            ("amex", m.rng.choice(["34", "37"]), 15),
            ("discover", "6011", 16),
            ("diners", "36", 14),
            ("jcb", "3530", 16),
            ("unionpay", "62", 19),
        ]
    )
    body = prefix + m.digits(length - len(prefix) - 1)
    return brand, body + luhn_digit(body)


def cards(m: Maker) -> tuple[str, str]:
    brand, digits = card_digits(m)
    groups = (4, 6, 5) if brand == "amex" else (4, 6, 4) if brand == "diners" else (4, 4, 4, 4, 3)
    parts, at = [], 0
    for size in groups:
        parts.append(digits[at : at + size])
        at += size
    parts = [part for part in parts if part]
    name, gap = m.rng.choice(
        [
            ("together", ""),
            ("together", ""),
            ("gaps", " "),
            ("gaps", " "),
            ("dashes", "-"),
            ("dots", "."),
            ("no-break gaps", "\u00a0"),
        ]
    )
    lead = m.rng.choice(["", "", "card ", "VISA:", "cc="]) if name != "gaps" else ""
    return f"{brand}, {name}", lead + gap.join(parts)


def iban_of(country: str, bban: str) -> str:
    number = "".join(str(int(sign, 36)) for sign in f"{bban}{country}00")
    return f"{country}{98 - int(number) % 97:02d}{bban}"


IBAN_SHAPES = {
    "DE": "n18", "FR": "n10a1n12", "GB": "l4n14", "ES": "n20", "IT": "l1n22", "NL": "l4n10", "BE": "n12", "AT": "n16", "CH": "n17",
    "PL": "n24", "PT": "n21", "SE": "n20", "NO": "n11", "DK": "n14", "FI": "n14", "IE": "l4n14", "LU": "n3a13", "CZ": "n20", "GR": "n7a16",
    "RO": "l4a16", "HU": "n24", "TR": "n22", "SA": "n2a18", "AE": "n19", "BR": "n23l1a1", "MT": "l4n5a18", "EE": "n16", "SI": "n15",
}  # fmt: skip


def ibans(m: Maker) -> tuple[str, str]:
    country = m.rng.choice(sorted(IBAN_SHAPES))
    shape, bban, at = IBAN_SHAPES[country], "", 0
    while at < len(shape):
        end = at + 1
        while end < len(shape) and shape[end].isdigit():
            end += 1
        # Accounts of letters alone do not occur: alphanumeric places are mostly digits in use.
        signs = {"n": string.digits, "l": string.ascii_uppercase, "a": string.digits * 4 + string.ascii_uppercase}[
            shape[at]
        ]
        bban += m.of(signs, int(shape[at + 1 : end]))
        at = end
    iban = iban_of(country, bban)
    grouped = [iban[at : at + 4] for at in range(0, len(iban), 4)]
    forms = [
        ("together", iban),
        ("together", iban),
        ("gaps", " ".join(grouped)),
        ("gaps", " ".join(grouped)),
        ("lower case", iban.lower()),
    ]
    forms += [
        ("dashes", "-".join(grouped)),
        ("no-break gaps", "\u00a0".join(grouped)),
        ("after IBAN", f"IBAN: {' '.join(grouped)}"),
        ("joined", f"IBAN{iban}"),
    ]
    name, written = m.rng.choice(forms)
    return f"{country}, {name}", written


def ips(m: Maker) -> tuple[str, str]:
    def v4() -> str:
        return f"{m.rng.randint(1, 223)}.{m.rng.randint(0, 255)}.{m.rng.randint(0, 255)}.{m.rng.randint(1, 254)}"

    groups = [m.of(HEX, 4) for _ in range(8)]
    groups[1] = "0" + m.digits(1) + "a" + m.digits(1)
    forms = [
        ("v4", v4()),
        ("v4", v4()),
        ("v4", v4()),
        ("v4 with port", f"{v4()}:{m.rng.randint(1024, 65000)}"),
        ("v4 network", f"{v4()}/24"),
    ]
    forms += [
        ("v4 in URL", f"http://{v4()}/path"),
        ("v4 list", f"{v4()}, {v4()}"),
        ("v4 after ip=", f"ip={v4()}"),
        ("v4 private", f"192.168.{m.rng.randint(0, 255)}.{m.rng.randint(2, 254)}"),
    ]
    forms += [
        ("v6 full", ":".join(groups)),
        ("v6 short", f"2001:db8:{groups[2]}::{m.of(HEX[1:], 3)}{m.digits(1)}"),
        ("v6 link", f"fe80::{groups[3]}:{groups[4]}"),
        ("v6 in brackets", f"[2a02:{groups[2]}::1{m.digits(1)}]:443"),
    ]
    forms += [("v6 capitals", ":".join(groups).upper()), ("v6 mapped", f"::ffff:{v4()}")]
    return m.rng.choice(forms)


def phones(m: Maker) -> tuple[str, str]:
    forms: list[tuple[str, str]] = [
        ("us brackets", m.shaped("(NXX) NXX-XXXX")), ("us dashes", m.shaped("NXX-NXX-XXXX")), ("us dots", m.shaped("NXX.NXX.XXXX")),
        ("us gaps", m.shaped("NXX NXX XXXX")), ("us country", m.shaped("+1 NXX NXX XXXX")), ("us country dashes", m.shaped("+1-NXX-NXX-XXXX")),
        ("us one", m.shaped("1-800-NXX-XXXX")), ("e164", m.shaped("+4915NXXXXXXXX")), ("de mobile", m.shaped("+49 151 XXXXXXXX")),
        ("de bracket zero", m.shaped("+49 (0)30 NXXXXX-XX")), ("de double zero", m.shaped("0049 171 NXXXXXX")), ("de slash", m.shaped("030/NXXXXXXX")),
        ("de national", m.shaped("089 NXXXXX-XX")), ("de mobile bare", m.shaped("0151NXXXXXXX")), ("uk", m.shaped("020 7XXX XXXX")),
        ("uk mobile", m.shaped("07XXX XXXXXX")), ("uk country", m.shaped("+44 20 7XXX XXXX")), ("fr", m.shaped("06 XX XX XX XX")),
        ("fr dots", m.shaped("01.NX.XX.XX.XX")), ("fr country", m.shaped("+33 6 XX XX XX XX")), ("es", m.shaped("+34 6XX XXX XXX")),
        ("it", m.shaped("+39 3XX XXXXXXX")), ("nl", m.shaped("06-NXXXXXXX")), ("in", m.shaped("+91 9XXXX XXXXX")), ("cn", m.shaped("138-XXXX-XXXX")),
        ("jp", m.shaped("+81-90-XXXX-XXXX")), ("jp national", m.shaped("090-NXXX-XXXX")), ("br", m.shaped("+55 (11) 9XXXX-XXXX")), ("br brackets", m.shaped("(11) 9XXXX-XXXX")),
        ("au", m.shaped("+61 4XX XXX XXX")), ("ru", m.shaped("+7 (9XX) XXX-XX-XX")), ("no-break", m.shaped("+49\u00a0170\u00a0NXXXXXX")), ("en dash", m.shaped("+41\u201379\u2013NXX\u2013XX\u2013XX")),
        ("announced en", f"tel: {m.shaped('NXXXXXXX')}"), ("announced en 2", f"call me at {m.shaped('NXXXXXXXXX')}"), ("announced mobile", f"mobile no. {m.shaped('9XXXX XXXXX')}"),
        ("announced de", f"Telefonnummer lautet {m.shaped('0NXXXXXXXX')}"), ("announced fr", f"téléphone : {m.shaped('0NXXXXXXXX')}"), ("announced es", f"teléfono {m.shaped('6XXXXXXXX')}"),
        ("announced ja", f"電話番号は{m.shaped('0NXXXXXXXX')}"), ("announced pl", f"telefon {m.shaped('NXX XXX XXX')}"), ("announced json", f'"phone": "{m.shaped("NXXXXXXXX")}"'),
        ("announced fax", f"Fax {m.shaped('NXX XXXX')}"), ("whatsapp", f"WhatsApp {m.shaped('+NXXXXXXXXXX')}"), ("bare", m.shaped("NXXXXXXXXX")),
    ]  # fmt: skip
    return m.rng.choice(forms)


def keys(m: Maker) -> tuple[str, str]:
    def a(count: int) -> str:
        return m.of(ALNUM, count)

    forms = [
        ("openai", f"sk-{a(48)}"), ("openai project", f"sk-proj-{m.of(ALNUM + '-_', 96)}{a(8)}"), ("anthropic", f"sk-ant-api03-{m.of(ALNUM + '-_', 85)}{a(8)}AA"),
        ("openrouter", f"sk-or-v1-{m.of(HEX, 64)}"), ("litellm", f"sk-{a(22)}"), ("github", f"ghp_{a(36)}"), ("github fine", f"github_pat_{a(22)}_{a(59)}"),
        ("gitlab", f"glpat-{a(20)}"), ("aws id", f"AKIA{m.of(string.ascii_uppercase + '234567', 16)}"), ("google", f"AIza{m.of(ALNUM + '-_', 35)}"),
        ("slack", f"xoxb-{m.digits(12)}-{m.digits(12)}-{a(24)}"), ("stripe", f"sk_live_{a(24)}"), ("stripe restricted", f"rk_test_{a(30)}"), ("sendgrid", f"SG.{a(22)}.{a(43)}"),
        ("hugging face", f"hf_{a(34)}"), ("npm", f"npm_{a(36)}"), ("groq", f"gsk_{a(52)}"), ("telegram", f"{m.digits(10)}:AA{a(33)}"), ("twilio", f"SK{m.of(HEX, 32)}"),
        ("databricks", f"dapi{m.of(HEX, 32)}"), ("digitalocean", f"dop_v1_{m.of(HEX, 64)}"), ("jwt", f"eyJ{a(33)}.eyJ{a(60)}.{a(43)}"),
        ("bearer", f"Authorization: Bearer {a(40)}"), ("x-api-key", f"x-api-key: {a(32)}"), ("named", f"API_KEY={a(32)}"), ("named json", f'"api_key": "{m.of(HEX, 32)}"'),
        ("named secret", f"client_secret: {a(40)}"), ("aws secret", f"aws_secret_access_key = {m.of(ALNUM + '/+', 38)}{m.digits(2)}"), ("query", f"https://x.example/v1?key=7&token={a(32)}&n=1"),
        ("in URL", f"postgresql://app:{a(18)}@db.internal:5432/x"), ("pem", f"-----BEGIN RSA PRIVATE KEY-----\n{a(64)}\n{a(64)}\n-----END RSA PRIVATE KEY-----"), ("azure", f"AccountKey={m.of(ALNUM + '/+', 84)}{m.digits(2)}=="),
    ]  # fmt: skip
    return m.rng.choice(forms)


KINDS: dict[str, Callable[[Maker], tuple[str, str]]] = {
    "email": emails,
    "phone": phones,
    "card": cards,
    "iban": ibans,
    "ip": ips,
    "key": keys,
}


def negatives(m: Maker) -> Iterator[tuple[str, str]]:
    """Forms that look like personal data and are none."""
    day, month, year = m.rng.randint(1, 28), m.rng.randint(1, 12), m.rng.randint(1990, 2030)
    hours, minutes = m.rng.randint(0, 23), m.rng.randint(0, 59)
    bad_body = card_digits(m)[1]
    bad_card = bad_body[:-1] + str((int(bad_body[-1]) + 1) % 10)
    bad_iban = iban_of("DE", m.digits(18))
    bad_iban = bad_iban[:2] + f"{(int(bad_iban[2:4]) + 1) % 97:02d}" + bad_iban[4:]
    uuid = "-".join(m.of(HEX, size) for size in (8, 4, 4, 4, 12))
    version = f"{m.rng.randint(1, 20)}.{m.rng.randint(0, 30)}.{m.rng.randint(0, 30)}"
    yield from {
        "iso date": f"{year}-{month:02d}-{day:02d}", "iso time": f"{year}-{month:02d}-{day:02d}T{hours:02d}:{minutes:02d}:00+01:00", "german date": f"{day:02d}.{month:02d}.{year} {hours:02d}:{minutes:02d}",
        "us date": f"{month:02d}/{day:02d}/{year}", "compact date": f"{year}{month:02d}{day:02d}", "epoch seconds": f"17{m.digits(8)}", "epoch ms": f"17{m.digits(11)}", "times": f"{hours:02d}.{minutes:02d} - {hours:02d}.{minutes:02d}",
        "order": f"order {m.digits(8)}", "order long": f"order no. {m.digits(10)}", "order padded": f"#00{m.digits(8)}", "order dashes": f"ORD-{m.digits(4)}-{m.digits(6)}", "invoice": f"INV{year}-{m.digits(6)}",
        "tracking": f"1Z{m.of(string.digits + string.ascii_uppercase, 16)}", "parcel": f"00340434{m.digits(12)}", "isbn": f"978-3-{m.digits(2)}-{m.digits(6)}-{m.digits(1)}", "ean": f"40{m.digits(11)}",
        "price": f"${m.rng.randint(1, 9)},{m.digits(3)},{m.digits(3)}.{m.digits(2)}", "price eu": f"{m.rng.randint(1, 9)}.{m.digits(3)}.{m.digits(3)},{m.digits(2)} €", "price list": f"{m.rng.randint(1, 90)}.{m.digits(2)} {m.rng.randint(1, 90)}.{m.digits(2)} {m.rng.randint(1, 90)}.{m.digits(2)}",
        "decimal": f"0.{m.digits(16)}", "pi": "3.141592653589793", "coordinates": f"52.{m.digits(6)}, 13.{m.digits(6)}", "percent": f"{m.rng.randint(1, 99)}.{m.digits(2)} % of {m.digits(6)}", "big number": f"{m.rng.randint(1, 9)} {m.digits(3)} {m.digits(3)} {m.digits(3)}",
        "version": f"version {version}.{m.rng.randint(0, 99)}", "v version": f"v{version}.{m.rng.randint(0, 9)}", "pinned": f"numpy=={version}.{m.rng.randint(0, 9)}", "browser": f"Chrome/{m.rng.randint(90, 140)}.0.{m.digits(4)}.{m.digits(2)}", "package": f"lodash@{version}", "section": f"section {m.rng.randint(1, 9)}.{m.rng.randint(1, 9)}.{m.rng.randint(1, 9)}.{m.rng.randint(1, 9)}",
        "uuid": uuid, "sha256": m.of(HEX, 64), "md5": m.of(HEX, 32), "git": m.of(HEX, 7), "mac": ":".join(m.of(HEX, 2) for _ in range(6)), "object id": m.of(HEX, 24), "base64": m.of(ALNUM + "+/", 44),
        "bad card": f"{bad_card[:4]} {bad_card[4:8]} {bad_card[8:12]} {bad_card[12:]}", "bad card together": bad_card, "bad iban": bad_iban, "sixteen digits": f"1{m.digits(15)}", "vat": f"DE{m.digits(9)}", "ssn-like ratio": f"{m.digits(3)}/{m.digits(2)}",
        "handle": f"@{m.word()}_{m.word()}", "decorator": "@app.route", "at home": f"{m.word()} at home dot matrix", "retina": f"{m.word()}@2x.png", "clone": f"git@github.com:{m.word()}/{m.word()}.git", "twitter": f"cc @{m.word()}, @{m.word()}",
        "loopback": "127.0.0.1:8080", "any": "0.0.0.0", "mask": "255.255.255.0", "scope": "std::vector<int> ab::cd", "time colons": f"{hours:02d}:{minutes:02d}:33", "ratio": f"{m.rng.randint(1, 9)}:{m.rng.randint(1, 9)}:{m.rng.randint(1, 9)}",
        "matrix": f"[{m.digits(3)}, {m.digits(3)}, {m.digits(3)}, {m.digits(4)}]", "shape": "(224, 224, 3)", "arithmetic": f"{m.digits(3)} * {m.digits(3)} + {m.digits(4)} = {m.digits(6)}", "range": f"{m.digits(4)}-{m.digits(4)}", "years": "1990-1995, 2001-2010", "zip": f"{m.digits(5)}-{m.digits(4)}", "phone order": f"phone order {m.digits(8)}",
        "token count": f"token count: {m.digits(4)} tokens", "secret word": "the secret is in the documentation-of-everything", "key word": "api_key = os.environ['SERVICE_API_KEY']", "css": f"sk-loading-indicator-{m.word()}", "path": f"token/ERC{m.digits(4)}/ERC{m.digits(4)}.sol", "page": f"pp. {m.digits(3)}-{m.digits(3)}", "part": f"P/N {m.digits(4)}-{m.digits(3)}",
    }.items()  # fmt: skip


def _core(kind: str, form: str, written: str) -> str:
    """The part that must not stay: without the words and signs that only lead to it."""
    if kind == "phone":
        return written[next(at for at, sign in enumerate(written) if sign.isdigit() or sign in "+(") :].rstrip('"')
    if kind == "card":
        return written[next(at for at, sign in enumerate(written) if sign.isdigit()) :]
    if kind == "iban":
        return (
            written.removeprefix("IBAN: ")
            if form.endswith("after IBAN")
            else written[4:]
            if form.endswith("joined")
            else written
        )
    if kind == "email":
        return {
            "mailto": written.removeprefix("mailto:"),
            "angle": written[written.rfind("<") + 1 : -1],
            "list": written.split(";")[0],
        }.get(form) or (written[written.index("=") + 1 : written.index("&")] if form == "query" else written)
    if kind == "ip":
        value = (
            written.split(", ")[0].removeprefix("ip=").removeprefix("http://").removesuffix("/path").removesuffix("/24")
        )
        return (
            value.split("]")[0].strip("[")
            if form == "v6 in brackets"
            else value.split(":")[0]
            if form == "v4 with port"
            else value
        )
    leads = {
        "bearer": "Bearer ",
        "x-api-key": ": ",
        "named": "=",
        "named json": ': "',
        "named secret": ": ",
        "aws secret": "= ",
        "azure": "AccountKey=",
    }
    if form in leads:
        return written.split(leads[form], 1)[1].rstrip('"')
    return (
        written.split("token=")[1].split("&")[0]
        if form == "query"
        else written.split("app:")[1].split("@")[0]
        if form == "in URL"
        else written
    )


def rows(seed: int = SEED) -> Iterator[dict[str, object]]:
    """Positives of every kind, then negatives, each in a context."""
    maker = Maker(seed)
    for kind, make in KINDS.items():
        for _ in range(PER_KIND):
            form, written = make(maker)
            language, context = maker.rng.choice(PLAIN)
            text = context.format(v=written)
            value = _core(kind, form, written)
            start = text.index(value, context.index("{v}") - context[: context.index("{v}")].count("{{"))
            yield {
                "kind": kind,
                "form": form,
                "language": language,
                "text": text,
                "start": start,
                "end": start + len(value),
            }
    for _ in range(12):
        for form, written in negatives(maker):
            language, context = maker.rng.choice(PLAIN)
            yield {"kind": None, "form": form, "language": language, "text": context.format(v=written)}


def main() -> None:
    """Write the set."""
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / "test_set.jsonl").open("w", encoding="utf-8") as file:
        for row in rows():
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
