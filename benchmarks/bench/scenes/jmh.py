"""The inner loops, by JMH."""

import json

import lab

from .. import charts, programs
from ..report import Page, Samples
from ..scene import scene


@scene("jmh", "inner loops: references, digests, routing, YAML, manifests", minutes=6, quick=False, gigabytes=1)
def jmh(bench):
    page, samples = Page("Inner loops"), Samples()
    java = programs.java()
    built = lab.run("mvn", "-q", "-B", "-Pbenchmarks", "-pl", "benchmarks/jmh", "-am", "-DskipTests", "package", cwd=lab.ROOT, timeout=300, env=lab.environment(JAVA_HOME=java.parent.parent))
    assert built.code == 0, str(built)
    jar, told = lab.ROOT / "benchmarks" / "jmh" / "target", bench.work / "jmh.json"
    rounds = bench.rounds(1)
    fast = ["-f", "1", "-wi", "1", "-w", "200ms", "-i", "2", "-r", "200ms"] if bench.quick else ["-f", str(rounds), "-wi", "3", "-w", "500ms", "-i", "5", "-r", "500ms"]
    done = lab.run(java, "-Xmx512m", "-cp", f"{jar}/benchmarks.jar:{jar}/lib/*", "org.openjdk.jmh.Main", *fast, "-rf", "json", "-rff", told, "-prof", "gc", "-v", "SILENT", timeout=330)
    assert done.code == 0 and told.exists(), str(done)
    names, rows = [], []
    for one in json.loads(told.read_text()):
        name = one["benchmark"].rpartition(".")[2]
        score = one["primaryMetric"]
        names.append(name)
        for fork in score["rawData"]:
            for value in fork:
                samples.add("time", name, value)
        amount = one["secondaryMetrics"].get("gc.alloc.rate.norm", {}).get("score")
        rows.append([name, *samples.row("time", [name], 3)[1:], f"{score['score']:.3f} ± {score['scoreError'] if isinstance(score['scoreError'], float) else 0:.3f}", "–" if amount is None else f"{amount:,.0f}".replace(",", " ")])
    page.text(
        "JMH 1.37, microseconds for one call, on one thread, in the JDK's usual configuration (not the launcher's). What each does is in\n"
        "`benchmarks/jmh`. Nothing is wanted of these numbers: they are here to be compared with those of another commit."
    )
    page.chart(charts.bars(bench.results, "jmh", "Inner loops", "microseconds for one call", samples, [("time", "", None)], names, logarithmic=True), "microseconds")
    page.table(["µs, median", "µs, mean ± 99.9 % interval", "bytes allocated"], rows)
    return page
