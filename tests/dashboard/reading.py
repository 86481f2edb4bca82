"""What a page says and draws, as its tests read it."""

import json


def texts(page):
    """Everything that a page says, in one string."""
    kinds = ("header", "subheader", "markdown", "caption", "code")
    said = [element.value for kind in kinds for element in page.get(kind)]
    for kind in ("info", "warning", "error", "success"):
        said += [f"{element.proto.title} {element.value}" for element in page.get(kind)]
    said += [f"{metric.label} {metric.value} {metric.delta}" for metric in page.metric]
    said += [table.value.to_string() for table in page.table]
    return "\n".join(str(one) for one in said)


def charts(page):
    """The charts' specifications with their text alternatives."""
    return [(json.loads(chart.proto.spec), chart.proto.alt) for chart in page.get("vega_lite_chart")]


def button(page, label):
    """The button of that label."""
    return next(one for one in page.button if one.label == label)


def press(page, label):
    """Press a button of a page."""
    return button(page, label).click().run()
