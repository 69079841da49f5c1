"""Charts as SVG, the same bytes for the same numbers. Without matplotlib there are none, and it is said once."""

import io
import re
import statistics

from . import programs

try:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter
except ImportError:
    matplotlib = None

# Distinguishable also by those who do not see red and green alike (Okabe and Ito), and in print by lightness.
COLOURS = {
    "entrepot": "#0072b2", "entrepot (source tree)": "#56b4e9", "direct": "#8c8c8c", "nginx": "#8c8c8c", "docker-registry": "#e69f00",
    "distribution 3": "#d55e00", "zot": "#cc79a7", "skopeo sync": "#e69f00", "skopeo copy": "#f0c060", "regsync": "#009e73",
    "regsync ×16": "#66c2a5", "crane": "#cc79a7", "oras": "#a65628",
}
_said = []


def available():
    if matplotlib is None and not _said:
        _said.append(True)
        programs.warn("NO CHARTS: matplotlib is missing (apt-get install python3-matplotlib, or pip install matplotlib)")
    return matplotlib is not None


def plain(value, _=None):
    """An axis' number as people write it."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:g}{letter}"
    return f"{value:.3g}"


def _figure(width, height):
    matplotlib.rcParams.update({
        "svg.hashsalt": "entrepot", "svg.fonttype": "none", "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
        "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    })
    return pyplot.figure(figsize=(width, height), facecolor="white", layout="constrained")


def _save(figure, results, name):
    results.mkdir(parents=True, exist_ok=True)
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    # A hundredth of a point is enough for a place (labels have three decimals at most); the indentation is nobody's.
    text = re.sub(r"(\.\d\d)\d{2,}", r"\1", drawn.getvalue())
    (results / f"{name}.svg").write_text(re.sub(r">\s+<", "><", text))
    return f"{name}.svg"


def bars(results, name, title, unit, samples, panels, everyone, logarithmic=False):
    """Panels side by side, one for each thing measured: horizontal bars for everyone, with least and most.

    panels: [(what was measured, its words, a wanted number or None)]; each panel has a scale of its own.
    """
    panels = [panel for panel in panels if any(samples[panel[0], who] for who in everyone)]
    if not results or not panels or not available():
        return None
    thickest = max(sum(bool(samples[panel[0], who]) for who in everyone) for panel in panels)
    columns = 2 if len(panels) == 4 else min(3, len(panels))
    lines = -(-len(panels) // columns)
    figure = _figure(3.7 * columns + 1.1, lines * (0.8 + 0.34 * thickest) + 0.5)
    figure.suptitle(title, fontsize=11, fontweight="bold")
    for place, (what, words, wanted) in enumerate(panels):
        axes = figure.add_subplot(lines, columns, place + 1)
        present = [who for who in everyone if samples[what, who]]
        most = max(max(samples[what, who]) for who in present)
        for row, who in enumerate(present):
            values = samples[what, who]
            middle = statistics.median(values)
            axes.barh(row, middle, height=0.62, color=COLOURS.get(who, "#8c8c8c"))
            if len(values) > 1:
                axes.errorbar(middle, row, xerr=[[middle - min(values)], [max(values) - middle]], color="#222222", capsize=2.5, linewidth=1)
            label = plain(round(float(f"{middle:.3g}"), 3))  # Three decimals: more would be cut by _save.
            axes.annotate(label, (max(values), row), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5, zorder=5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})
        axes.set_yticks(range(len(present)), present)
        # The same thickness in every panel, also where not everyone was measured.
        axes.set_ylim(thickest - 0.5, -0.5)
        axes.set_title(words, fontsize=9.5)
        axes.set_xlabel(unit + (", logarithmic" if logarithmic else ""), fontsize=8.5)
        if logarithmic:
            least = min(min(samples[what, who]) for who in present)
            axes.set_xscale("log")
            axes.set_xlim(least / 3, most * 12)
        else:
            axes.set_xlim(0, max(most, wanted or 0) * 1.28)
            axes.locator_params(axis="x", nbins=5)
        axes.xaxis.set_major_formatter(FuncFormatter(plain))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="#e4e4e4", linewidth=0.7)
        if wanted:
            axes.axvline(wanted, color="#222222", linewidth=1, linestyle=(0, (4, 3)))
            axes.annotate("wanted", (wanted, 1), xycoords=("data", "axes fraction"), xytext=(3, 1), textcoords="offset points", fontsize=7.5, va="bottom")
            axes.set_title(words, fontsize=9.5, pad=14)
    return _save(figure, results, name)


def lines(results, name, title, along, samples, panels, everyone, positions):
    """Panels side by side: a line for everyone over positions, both axes logarithmic, with least and most.

    panels: [(what by position, words, unit)]: what is a function of the position.
    """
    if not results or not available():
        return None
    figure = _figure(4.3 * len(panels), 3.9)
    figure.suptitle(title, fontsize=11, fontweight="bold")
    drawn = {}
    for place, (what, words, unit) in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), place + 1)
        for who in everyone:
            have = [position for position in positions if samples[what(position), who]]
            values = [samples[what(position), who] for position in have]
            if not have:
                continue
            middle = [statistics.median(each) for each in values]
            below = [centre - min(each) for centre, each in zip(middle, values)]
            above = [max(each) - centre for centre, each in zip(middle, values)]
            drawn[who] = axes.errorbar(
                have, middle, yerr=[below, above], color=COLOURS.get(who, "#8c8c8c"), marker="o", markersize=4, capsize=2.5,
                linewidth=2.2 if who == "entrepot" else 1.4, zorder=3 if who == "entrepot" else 2,
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(positions, [str(position) for position in positions])
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(FuncFormatter(plain))
        axes.set_title(words, fontsize=9.5)
        axes.set_xlabel(along, fontsize=8.5)
        axes.set_ylabel(unit + ", logarithmic", fontsize=8.5)
        axes.grid(color="#e4e4e4", linewidth=0.7)
    figure.legend(drawn.values(), drawn.keys(), loc="lower center", ncol=len(drawn), frameon=False, fontsize=9)
    figure.get_layout_engine().set(rect=(0, 0.08, 1, 0.92))
    return _save(figure, results, name)
