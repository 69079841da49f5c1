"""`entrepot pin` as a user meets it: a new process each time, on files that are in the page cache."""

import hashlib
import json
import os
import pathlib
import re
import shutil

import lab
from lab import environment, run

from .. import charts, clients, programs
from ..report import Page, Samples
from ..scene import scene

COMMENT = "# What this does, when to change it, and what happens then: a sentence as long as those in real values files.\n"


def values(number, size):
    """A values file of a few images and much that is none."""
    text = f"# Values of service {number}.\nglobal:\n  storageClass: \"\"\n"
    part = 0
    while len(text) < size:
        name = f"component{part}"
        text += (
            f"{name}:\n  enabled: true\n  replicas: {part + 1}\n  image:\n    repository: ghcr.io/acme/{name}-{number % 50}\n"
            f'    tag: "1.{part}.0"\n    pullPolicy: IfNotPresent\n'
            + 3 * ("  " + COMMENT)
            + "  resources:\n    requests: {cpu: 100m, memory: 128Mi}\n    limits: {cpu: 200m, memory: 256Mi}\n"
            "  env:\n  - name: LOG_LEVEL\n    value: info\n  - name: ADDRESS\n    value: http://x.example:8080/path\n"
            f"  service:\n    type: ClusterIP\n    ports:\n    - {{name: http, port: 80, targetPort: {8000 + part}}}\n"
        )
        part += 1
    return text


def manifest(number, size):
    text = ""
    part = 0
    while len(text) < size:
        text += (
            f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{number}-{part}\n  labels:\n"
            f"    app.kubernetes.io/name: app\n    app.kubernetes.io/version: \"1.{part}\"\nspec:\n  replicas: 2\n"
            "  selector:\n    matchLabels:\n      app.kubernetes.io/name: app\n  template:\n    metadata:\n      labels:\n"
            "        app.kubernetes.io/name: app\n    spec:\n      containers:\n      - name: main\n"
            f"        image: docker.io/acme/app-{number % 50}:1.{part}\n        args: [\"--listen=:8080\", \"--verbose\"]\n"
            "        ports:\n        - containerPort: 8080\n        readinessProbe:\n          httpGet:\n            path: /ready\n"
            "            port: 8080\n          periodSeconds: 10\n"
        )
        part += 1
    return text


def tree(directory, files, size):
    for number in range(files):
        path = directory / f"env{number % 5}" / f"app{number}" / ("values.yaml" if number % 2 else "deploy.yaml")
        path.parent.mkdir(parents=True)
        path.write_text((values if number % 2 else manifest)(number, size // files))


def lock_for(directory, at):
    """A lock that holds every image that is found, with digests of their names."""
    empty = at.with_name("empty.lock.yaml")
    empty.write_text("version: 1\nimages: {}\n")
    left = json.loads(
        run(lab.ENTREPOT, "pin", directory, "--lock", empty, "--output", "json", "--allow-unlocked", env=environment()).out
    )["left"]
    lines = ["version: 1", "images:"]
    for image in sorted({entry["image"].partition("@")[0] for entry in left if entry["kind"] == "not-locked"}):
        name, _, tag = image.rpartition(":")
        if "/" in tag or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", tag) or "the chart" in image:
            continue
        digest = hashlib.sha256(image.encode()).hexdigest()
        target = "ghcr.io/acme/mirror/" + name.replace(":", "_") + ":" + tag
        lines += [f"  {image}:", f"    digest: sha256:{digest}", f"    target: {target}", "    platforms: []"]
    at.write_text("\n".join(lines) + "\n")


def corpus():
    """Files of real projects, where they are beside this project (or ENTREPOT_CORPUS says where)."""
    place = pathlib.Path(os.environ.get("ENTREPOT_CORPUS") or lab.ROOT.parent / "shared" / "corpus")
    return place if place.is_dir() else None


def size_of(directory):
    files = [path for path in directory.rglob("*") if path.suffix in (".yaml", ".yml")]
    return len(files), sum(path.stat().st_size for path in files) / 1e6


@scene("pin", "pin of a corpus, of ten of it, and of 500 files", ("time",), minutes=5, gigabytes=1)
def pin(bench):
    page, samples = Page("Pinning"), Samples()
    real = corpus()
    one = (lambda place: shutil.copytree(real, place)) if real else (lambda place: tree(place, 380, 1_500_000))
    if bench.quick:
        one = lambda place: tree(place, 20, 200_000)  # noqa: E731
    cases = {
        "the corpus": one,
        "ten times the corpus": lambda place: [one(place / str(number)) for number in range(10)],
        "500 files made": lambda place: tree(place, bench.pick(20, 500), bench.pick(200_000, 5_000_000)),
    }
    facts = {}
    rounds = bench.rounds(5)
    for name, make in cases.items():
        place = bench.work / name.replace(" ", "-")
        make(place)
        lock = bench.work / "images.lock.yaml"
        lock_for(place, lock)
        plan = json.loads(run(lab.ENTREPOT, "pin", place, "--lock", lock, "--check", "--output", "json", env=environment()).out)
        facts[name] = (*size_of(place), len({(edit["file"], edit["path"]) for edit in plan["edits"]}))
        for _ in range(rounds):
            used = clients.measured([lab.ENTREPOT, "pin", place, "--lock", lock, "--check", "--quiet"], bench.work, codes=(3,))
            samples.add("check", name, used.seconds)
            samples.add("processor", name, used.processor)
            samples.add("peak", name, used.peak)
        for _ in range(min(rounds, 2)):
            copy = bench.work / "copy"
            shutil.copytree(place, copy)
            for what in ("rewriting", "again"):
                samples.add(what, name, clients.measured([lab.ENTREPOT, "pin", copy, "--lock", lock, "--quiet"], bench.work, codes=(0, 1)).seconds)
            shutil.rmtree(copy)
        bench.say(f"{name}: {facts[name]}, {samples.median('check', name):.2f} s")
    names = list(cases)
    once, ten = facts[names[0]][2], facts[names[1]][2]
    page.counted("sites changed in ten times the corpus", ten, 10 * once)
    page.at_most("ten times the corpus", samples.median("check", names[1]), 3, " s")
    growth = samples.median("check", names[1]) / samples.median("check", names[0])
    page.at_most("ten times the corpus, of the time for one (linear: 10 at most)", growth, 10, " times", 1)
    page.text(
        ("The corpus is files of real projects that lie beside this one." if real and not bench.quick else "The corpus is made here: the one of real files is not beside this project.")
        + f"\nA new process each time, the start of the Java machine with it; {rounds} rounds of `--check`, {min(rounds, 2)} of rewriting, which syncs each\n"
        "changed file to the disk. The lock holds every image that can be pinned."
    )
    page.chart(charts.bars(bench.results, "pin", "Pinning", "seconds", samples, [("check", "pin --check", 3.0)], names), "seconds")
    page.table(
        names,
        [["files", *(facts[name][0] for name in names)], ["MB", *(f"{facts[name][1]:.1f}" for name in names)], ["sites changed", *(facts[name][2] for name in names)]]
        + [samples.row(what, names, digits, label) for what, digits, label in (
            ("check", 2, "`--check`, s"), ("rewriting", 2, "rewriting, s"), ("again", 2, "again, nothing to change, s"),
            ("processor", 2, "processor seconds of `--check`"), ("peak", 0, "peak resident MiB"),
        )],
    )
    return page


HOSTILE = {
    "100,000 nested `[`": lambda: "a: " + "[" * 100_000,
    "100,000 nested `{a:`": lambda: "{a: " * 100_000,
    "100,000 nested `- `": lambda: "- " * 100_000,
    "aliases of aliases, 9 levels of 9": lambda: "a0: &a0 [x]\n"
    + "".join(f"a{i}: &a{i} [{','.join(['*a%d' % (i - 1)] * 9)}]\n" for i in range(1, 10)),
    "11,000 aliases": lambda: "a: &a x\nb:\n" + "- *a\n" * 11_000,
    "merges of merges": lambda: "a0: &a0 {x: y}\n"
    + "".join(f"a{i}: &a{i}\n  <<: [{','.join(['*a%d' % (i - 1)] * 30)}]\n  repository: x\n" for i in range(1, 9)),
    "a line of 10 MB": lambda: "image: " + "x" * 10_000_000,
    "a tag that names a class": lambda: "image: !!javax.script.ScriptEngineManager [x]\n",
    "a doubled key": lambda: "image: a:1\nimage: a:2\n",
    "not UTF-8": lambda: b"image: a:1\nb: \xff\xfe\n",
    "UTF-16": lambda: "image: a:1\n".encode("utf-16"),
    "a NUL": lambda: "image: a:1\nb: \0\n",
    "a 17 MB file": lambda: "a: b\n" * 3_500_000,
    "9,000 aliases of a block of 1 MB": lambda: "b: &b |\n" + "  A=acme\n" * 110_000 + "c:\n" + "- *b\n" * 9_000,
    "1 MB block of lines that end in CR LF": lambda: "x: |\r\n" + "  A_IMAGE=acme/app:1\r\n" * 45_000,
    "1 MB of `a.a.` as an address": lambda: "x: |\n  b=1\n  A_IMAGE=" + "a." * 500_000 + "\n",
    "1 MB of keys that end in Image": lambda: "".join(f"k{i}Image: a/b:1\n" for i in range(60_000)),
    "1 MB of `x=registry/name:1` in one block": lambda: "data:\n  x: |\n" + "    a=ghcr.io/acme/app:1\n" * 40_000,
}


@scene("hostile", "pin of hostile files: milliseconds of each in a warm process", minutes=6, usual=False, quick=False, gigabytes=1)
def hostile(bench):
    page = Page("Pinning hostile files")
    lock = bench.work / "images.lock.yaml"
    lock.write_text("version: 1\nimages: {}\n")
    places = []
    for number, make in enumerate(HOSTILE.values()):
        places.append(bench.work / str(number))
        places[-1].mkdir()
        data = make()
        (places[-1] / "a.yaml").write_bytes(data if isinstance(data, bytes) else data.encode())
    built = lab.ROOT / "distribution" / "target"
    said = lab.must(
        programs.java(), "-XX:+UseSerialGC", "-Xmx160m", "-XX:TieredStopAtLevel=1", "-cp", f"{built}/entrepot.jar",
        programs.HERE / "Hostile.java", *places,
    ).out
    rows = [(name, *line.split("\t", 3)) for name, line in zip(HOSTILE, said.splitlines(), strict=True)]
    used = clients.measured([lab.ENTREPOT, "pin", *places, "--lock", lock, "--quiet"], bench.work, codes=(0, 1))
    page.at_most("the slowest of them, median", max(float(row[1]) for row in rows), 1000, " ms", 0)
    page.text(
        "Milliseconds that planning one of them takes in a process that is warm, with the launcher's compiler and heap.\n"
        f"All {len(rows)} of them in one new process, start included: {used.seconds:.1f} s, peak {used.peak:.0f} MiB."
    )
    page.table(["median ms", "slowest ms", "rounds", "what is said first"], [[name, middle, most, number, text[:110].replace("|", "/")] for name, middle, most, number, text in rows])
    return page
