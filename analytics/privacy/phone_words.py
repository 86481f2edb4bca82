"""Words before a number that say what it is, in the languages in which people give their telephone numbers."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# They announce a number.
LABELS = _words(
    """
    phone telephone phonenumber telephonenumber tel ph mob mobile cell cellphone fax sms whatsapp hotline landline
    handy mobil mobilnummer handynummer telefon telefonnummer rufnummer rückrufnummer festnetz durchwahl
    téléphone portable móvil movil teléfono telefono celular telefone telemóvel cellulare telefoon mobiel
    komórka komórkowy puhelin тел телефон моб telefonu numara cep טלפון هاتف جوال फोन फ़ोन मोबाइल
    """
)
# So do these, but not with a colon after them: then they are the name of a field.
VERBS = _words("call text ring reach dial contact")
# The same in scripts that put no gaps between words.
JOINED_LABELS = ("電話", "电话", "手机", "携帯", "전화", "연락처", "휴대폰", "هاتف", "फोन", "โทร")
# They may stand between a label and its number; any other word there means that something else is numbered.
FILLERS = _words(
    """
    number num no nr nummer numero número numéro numer is at on my the me us her him them back to home work
    under unter ist lautet über auf est es esta ligne de le la au il al el é è o номер номеру номера
    """
)
# They say that a bare number is no telephone's.
OTHER_NUMBERS = _words(
    """
    order ticket invoice ref reference id customer case account article item sku serial parcel tracking gst vat tax
    inv taxinv receipt bill doc batch
    bestellung bestellnummer auftrag rechnung kunde kundennummer artikel commande facture pedido factura ordine
    """
)
