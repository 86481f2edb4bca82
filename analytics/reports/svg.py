"""A chart as a picture inside the document: no script, and both appearances from one drawing."""

from analytics.reports.charts.style import DARK, LIGHT, Drawing
from analytics.reports.extras import extra
from analytics.reports.looks import LOOKS

VEGA_LITE = "6.4"
PADDING = {"left": 14, "right": 10, "top": 4, "bottom": 2}  # a reader's font may be wider than the one measured with


def svg(drawing: Drawing, width: int, height: int) -> str:
    """The chart as SVG, in the light ink; ``dark_rules`` turn it dark. width, height: of the plot, in pixels."""
    sized = {**drawing.spec, "width": width, "height": height, "background": None, "padding": PADDING}
    drawn: str = extra("vl_convert").vegalite_to_svg(sized, vl_version=VEGA_LITE)
    return drawn.replace("<svg ", '<svg aria-hidden="true" ', 1)  # the figure around it carries the words


def dark_rules() -> str:
    """CSS that gives every ink of the light theme its dark one: attributes of SVG yield to rules."""
    names = ("text", "muted", "rule", "series", "second", "loss")
    inks = {getattr(LIGHT, name): getattr(DARK, name) for name in names}
    inks |= {one.light: one.dark for one in LOOKS.values()}
    return "\n".join(
        f'svg [{part}="{light}"] {{ {part}: {dark}; }}' for light, dark in inks.items() for part in ("fill", "stroke")
    )
