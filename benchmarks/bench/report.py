"""What a scene finds, and the page that is written of it."""

import collections
import statistics

Verdict = collections.namedtuple("Verdict", "what wanted measured reached")


def number(value, digits=2):
    return f"{value:,.{digits}f}".replace(",", " ")


def spread(values, digits=2):
    """Median, with least and most."""
    if not values:
        return "–"
    middle = f"**{number(statistics.median(values), digits)}**"
    return f"{middle} ({number(min(values), digits)} – {number(max(values), digits)})" if len(values) > 1 else middle


def table(titles, rows):
    lines = ["| | " + " | ".join(titles) + " |", "|---|" + "---|" * len(titles)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


class Samples:
    """Numbers by what was measured and who: samples[what, who]."""

    def __init__(self):
        self.values = collections.defaultdict(list)

    def add(self, what, who, value):
        self.values[what, who].append(value)

    def __getitem__(self, key):
        return self.values.get(key, [])

    def median(self, what, who):
        values = self[what, who]
        return statistics.median(values) if values else None

    def row(self, what, everyone, digits=2, label=None):
        return [label or what] + [spread(self[what, who], digits) for who in everyone]

    def ratios(self, what, everyone, base, label):
        """Everyone's median divided by that of one."""
        below = self.median(what, base)
        cells = [self.median(what, who) for who in everyone]
        return [label] + [f"{cell / below:.2f}" if cell is not None and below else "–" for cell in cells]

    def best(self, what, everyone, least=True):
        """(who, median) of the best of some, or None."""
        have = [(who, self.median(what, who)) for who in everyone if self.median(what, who) is not None]
        return (min if least else max)(have, key=lambda pair: pair[1]) if have else None


class Page:
    """One results file."""

    def __init__(self, title):
        self.title = title
        self.verdicts, self.parts, self.wrong = [], [], []

    def judge(self, what, wanted, measured, reached):
        """A number that is wanted; reached is None where it cannot be said (no peer to compare with)."""
        self.verdicts.append(Verdict(what, wanted, measured, reached))

    def at_most(self, what, value, limit, unit="", digits=2, whose=""):
        """whose: where the limit comes from."""
        self._compare(what, value, limit, "at most", unit, digits, whose, lambda: value <= limit)

    def at_least(self, what, value, limit, unit="", digits=2, whose=""):
        self._compare(what, value, limit, "at least", unit, digits, whose, lambda: value >= limit)

    def _compare(self, what, value, limit, word, unit, digits, whose, holds):
        if value is None or limit is None:
            self.judge(what, "nobody is here to compare with", "–", None)
        else:
            self.judge(what, f"{word} {number(limit, digits)}{unit}" + (f" ({whose})" if whose else ""), number(value, digits) + unit, holds())

    def counted(self, what, value, wanted, holds=None):
        """A count: the same on any machine, and an error where it is not as wanted."""
        holds = value == wanted if holds is None else holds
        self.judge(what, str(wanted), str(value), holds)
        if not holds:
            self.wrong.append(f"{what}: {value}, wanted {wanted}")

    def head(self, text):
        self.parts.append(f"## {text}\n")

    def text(self, text):
        self.parts.append(text.rstrip() + "\n")

    def table(self, titles, rows):
        self.parts.append(table(titles, rows))

    def chart(self, file, words):
        if file:
            self.parts.append(f"![{words}]({file})\n")

    def verdict_table(self):
        return table(
            ["wanted", "measured", "reached"],
            [[one.what, one.wanted, one.measured, {True: "yes", False: "**no**", None: "–"}[one.reached]] for one in self.verdicts],
        )

    def markdown(self, origin):
        parts = [f"# {self.title}\n", origin]
        if self.verdicts:
            parts.append(self.verdict_table())
        return "\n".join(parts + self.parts)
