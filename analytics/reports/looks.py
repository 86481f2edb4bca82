"""How a verdict looks: always a sign and a word, colour only beside them."""

from dataclasses import dataclass

from analytics.contracts import Verdict


@dataclass(frozen=True)
class Look:
    """One verdict on a page."""

    sign: str
    label: str
    light: str  # fill in charts
    dark: str

    @property
    def text(self) -> str:
        """Sign and word."""
        return f"{self.sign} {self.label}"


# Fills differ in lightness as well as in hue, so that they stay apart without colour vision and in print.
LOOKS = {
    Verdict.DISTILL: Look("✓", "Distil now", "#0b6e69", "#4fd1c5"),
    Verdict.PILOT: Look("◐", "Pilot first", "#3f7fcf", "#7db3f5"),
    Verdict.CHEAPER_FIX_FIRST: Look("↓", "Cheaper fix first", "#d98e1f", "#e8a94a"),
    Verdict.WAIT: Look("…", "Wait", "#8a6bc4", "#b59be8"),
    Verdict.DO_NOT_DISTILL: Look("✕", "Do not distil", "#a3aeab", "#6f7c79"),
    Verdict.NOT_ENOUGH_DATA: Look("?", "Not enough data", "#d3dad8", "#47524f"),
}


def look(verdict: str) -> Look:
    """The look of a verdict by its name in the record."""
    return LOOKS[Verdict(verdict)]
