"""Charts as pure functions: a reporting frame and a language in, a Vega-Lite spec out.

Belongs here: specs, the sentences that state what they show, and rendering to SVG. Used by the
cockpit (in the browser) and the committee pack (as SVG). Not here: page layout, queries, files.
"""

from exports.charts.activity import activity_lines, placed_line, placement_lines, price_lines
from exports.charts.expenditure import cumulative_chart, fan_chart
from exports.charts.figures import with_status
from exports.charts.findings import (
    alt_text_activity,
    alt_text_bridge,
    alt_text_cumulative,
    alt_text_fan,
    alt_text_outturn,
    alt_text_placed,
    alt_text_placement,
    alt_text_price,
    finding_activity,
    finding_bridge,
    finding_cumulative,
    finding_fan,
    finding_outturn,
    finding_placed,
    finding_placement,
    finding_price,
)
from exports.charts.outturn import bridge, outturn_bars
from exports.charts.theme import Spec, for_screen, palette, to_svg

__all__ = [
    "Spec",
    "activity_lines",
    "alt_text_activity",
    "alt_text_bridge",
    "alt_text_cumulative",
    "alt_text_fan",
    "alt_text_outturn",
    "alt_text_placed",
    "alt_text_placement",
    "alt_text_price",
    "bridge",
    "cumulative_chart",
    "fan_chart",
    "finding_activity",
    "finding_bridge",
    "finding_cumulative",
    "finding_fan",
    "finding_outturn",
    "finding_placed",
    "finding_placement",
    "finding_price",
    "for_screen",
    "outturn_bars",
    "palette",
    "placed_line",
    "placement_lines",
    "price_lines",
    "to_svg",
    "with_status",
]
