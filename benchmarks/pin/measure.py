"""Measures `entrepot pin` as a user meets it: a new process each time, on files that are in the page cache."""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import time

from lab import ENTREPOT, ROOT, environment, must, run, work_directory

RESULTS = pathlib.Path(__file__).resolve().parent.parent / "results" / "pin.md"
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
        run(ENTREPOT, "pin", directory, "--lock", empty, "--output", "json", "--allow-unlocked", env=environment()).out
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


def timed(*arguments, codes=(0,)):
    """Seconds of a new process, and its greatest resident memory in MiB."""
    began = time.monotonic()
    pid = os.posix_spawn(
        ENTREPOT,
        [str(ENTREPOT), *map(str, arguments)],
        environment(),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )
    _, status, used = os.wait4(pid, 0)
    seconds = time.monotonic() - began
    assert os.waitstatus_to_exitcode(status) in codes, (arguments, status)
    return seconds, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def spread(rounds, digits=2):
    return f"**{statistics.median(rounds):.{digits}f}** ({min(rounds):.{digits}f} – {max(rounds):.{digits}f})"


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


def hostile(directory):
    """Milliseconds that each hostile file takes in a process that is warm, and one cold run over all of them."""
    directory.mkdir()
    lock = directory / "images.lock.yaml"
    lock.write_text("version: 1\nimages: {}\n")
    places = []
    for number, make in enumerate(HOSTILE.values()):
        places.append(directory / str(number))
        places[-1].mkdir()
        data = make()
        (places[-1] / "a.yaml").write_bytes(data if isinstance(data, bytes) else data.encode())
    built = ROOT / "cli" / "target"
    said = must(
        java(), "-XX:+UseSerialGC", "-Xmx160m", "-XX:TieredStopAtLevel=1", "-cp", f"{built}/entrepot.jar:{built}/lib/*",
        pathlib.Path(__file__).with_name("Hostile.java"), *places,
    ).out
    rows = [(name, *line.split("\t", 3)) for name, line in zip(HOSTILE, said.splitlines(), strict=True)]
    return rows, timed("pin", *places, "--lock", lock, "--quiet", codes=(0, 1))


def java():
    """The Java that the launcher chooses."""
    told = run(ENTREPOT, "--verbose", "--version", env=environment())
    return pathlib.Path(re.search(r"Java \d+ at (.*)", told.err)[1]) / "bin" / "java"


def corpus():
    place = pathlib.Path(os.environ.get("ENTREPOT_CORPUS") or ROOT.parent / "shared" / "corpus")
    return place if place.is_dir() else None


def size_of(directory):
    files = [path for path in directory.rglob("*") if path.suffix in (".yaml", ".yml")]
    return len(files), sum(path.stat().st_size for path in files) / 1e6


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--dry", action="store_true")
    options = options.parse_args()
    must(ENTREPOT, "--version", env=environment())
    load = os.getloadavg()[0]
    lines = []
    with work_directory("entrepot-bench-pin-") as work:
        cases = [("500 files", work / "tree", lambda place: tree(place, 500, 5_000_000))]
        if corpus():
            cases.append(("the corpus", work / "corpus1", lambda place: shutil.copytree(corpus(), place)))
            cases.append(
                (
                    "the corpus ten times",
                    work / "corpus10",
                    lambda place: [shutil.copytree(corpus(), place / str(i)) for i in range(10)],
                )
            )
        lines += [
            "| files | MB | sites changed | `--check`, seconds | rewriting, seconds | second run, seconds | processor seconds | peak MiB |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for name, place, make in cases:
            make(place)
            lock = work / "images.lock.yaml"
            lock_for(place, lock)
            plan = json.loads(
                run(ENTREPOT, "pin", place, "--lock", lock, "--check", "--output", "json", env=environment()).out
            )
            sites = len({(edit["file"], edit["path"]) for edit in plan["edits"]})
            timed("pin", place, "--lock", lock, "--check", "--quiet", codes=(3,))
            checks, busy, most, writes, again = [], [], [], [], []
            for _ in range(options.rounds):
                seconds, mebibytes, used = timed("pin", place, "--lock", lock, "--check", "--quiet", codes=(3,))
                checks.append(seconds)
                busy.append(used)
                most.append(mebibytes)
            for turn in range(2):
                copy = work / f"copy{turn}"
                shutil.copytree(place, copy)
                writes.append(timed("pin", copy, "--lock", lock, "--quiet", codes=(0, 1))[0])
                again.append(timed("pin", copy, "--lock", lock, "--quiet", codes=(0, 1))[0])
                shutil.rmtree(copy)
            count, megabytes = size_of(place)
            lines.append(
                f"| {name}: {count} | {megabytes:.1f} | {sites} | {spread(checks)} | {spread(writes)} | {spread(again)} "
                f"| {statistics.median(busy):.2f} | {max(most):.0f} |"
            )
        rows, (seconds, mebibytes, _) = hostile(work / "hostile")
        lines += [
            "",
            "## Hostile files",
            "",
            "Milliseconds that planning one of them takes in a process that is warm, with the launcher's compiler and heap."
            f" All {len(rows)} of them in one new process, start included: {seconds:.1f} s, peak {mebibytes:.0f} MiB.",
            "",
            "| file | median ms | slowest ms | rounds | what is said first |",
            "|---|---|---|---|---|",
        ]
        lines += [f"| {name} | {middle} | {most} | {count} | {said[:110].replace('|', '/')} |" for name, middle, most, count, said in rows]
    model = next(
        (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?"
    )
    commit = run("git", "-C", ROOT, "rev-parse", "--short", "HEAD").out.strip()
    head = [
        "# Pinning",
        "",
        f"Written by `benchmarks/pin/run` on {datetime.date.today()}, commit {commit}. {model}, {os.cpu_count()} cores, "
        f"Linux {platform.release()}; load average at the start {load:.2f}, at the end {os.getloadavg()[0]:.2f}.",
        f"{options.rounds} rounds; medians, with least and most in brackets. Each is a new process, start of the Java machine"
        " included, on files in the page cache; rewriting syncs each changed file to the disk. The lock holds every image.",
        "",
    ]
    text = "\n".join(head + lines) + "\n"
    print(text)
    if not options.dry:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
