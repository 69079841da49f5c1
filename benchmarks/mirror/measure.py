"""Measures `entrepot mirror` and the programs people use today, one after the other, in the same rounds.

What is counted comes from the access logs of the registries. What is timed includes the start of the process.
"""

import argparse
import collections
import datetime
import hashlib
import json
import os
import pathlib
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
import zlib

import lab
from lab import Registry, count, digest_of, environment, layer, push_image, push_index, tally
from report import machine, spread, table, version_of, wait_until_quiet, work_directory

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
IMAGES = 20
MIB = 1 << 20


# ---- what is copied ------------------------------------------------------------------------------------------------


def noise(seed, size):
    """A layer that does not compress, the same one for the same seed."""
    return layer({f"data/{seed}": random.Random(seed).randbytes(size)})


def push_set(registry, shared):
    """20 two-platform images of three layers, 6 MiB a platform; returns their names.

    shared: as images of one team are, with a base that all share and a runtime that five share, for each platform.
    Otherwise no two images have a layer in common.
    """
    names = []
    for number in range(IMAGES):
        name = f"bench/image-{number:02}"
        children = []
        for architecture in ("amd64", "arm64"):
            base = f"base-{architecture}" if shared else f"base-{architecture}-{number}"
            runtime = f"runtime-{architecture}-{number // 5}" if shared else f"runtime-{architecture}-{number}"
            layers = [
                noise(base, 3 * MIB),
                noise(runtime, 2 * MIB),
                noise(f"program-{architecture}-{number}", MIB),
            ]
            children.append(push_image(registry, name, layers, architecture, Labels={"name": name}))
        push_index(registry, name, children, "1.0")
        names.append(name)
    return names


def large_layer(size):
    """A gzip file of a little more than size bytes, in pieces: noise, which no program can make smaller."""
    packer = zlib.compressobj(0, wbits=31)
    piece = random.Random("large").randbytes(4 * MIB)
    for sent in range(0, size, len(piece)):
        yield packer.compress(sent.to_bytes(8, "big") + piece[8:])
    yield packer.flush()


def push_large(registry, size):
    """An image whose amd64 layer is large, sent in pieces: it is never held in memory."""
    name = "bench/large"
    digest = hashlib.sha256()
    location = registry.ask("POST", f"/v2/{name}/blobs/uploads/")[1]["Location"]
    sent = 0
    for data in large_layer(size):
        digest.update(data)
        status, headers, body = registry.ask(
            "PATCH", re.sub(r"^https?://[^/]+", "", location), data,
            {"Content-Type": "application/octet-stream", "Content-Range": f"{sent}-{sent + len(data) - 1}"},
        )
        assert status == 202, (status, body)
        location = headers["Location"]
        sent += len(data)
    path = re.sub(r"^https?://[^/]+", "", location)
    layer_digest = "sha256:" + digest.hexdigest()
    status, _, body = registry.ask("PUT", f"{path}{'&' if '?' in path else '?'}digest={layer_digest}")
    assert status == 201, (status, body)
    children = []
    for architecture in ("amd64", "arm64"):
        image = push_image(registry, name, [noise(f"small-{architecture}", MIB)], architecture)
        if architecture == "amd64":
            manifest = json.loads(registry.manifest(name, image["digest"]))
            manifest["layers"].append({"mediaType": lab.OCI_LAYER, "digest": layer_digest, "size": sent})
            image = registry.push_manifest(name, manifest, lab.OCI_MANIFEST) | {"platform": image["platform"]}
        children.append(image)
    push_index(registry, name, children, "1.0")
    return name


# ---- who copies ----------------------------------------------------------------------------------------------------


class Contender:
    """A program, and how its users copy a list of images with it."""

    def __init__(self, title, program, prepare, note):
        self.title, self.program, self.prepare, self.note = title, program, prepare, note

    def available(self):
        return self.program is None or shutil.which(self.program) is not None


def prepare_entrepot(directory, source, target, names, referrers=False):
    (directory / "mirror.yaml").write_text(
        f"target: {target.address}/mirror\nnaming: path\nplatforms: [linux/amd64, linux/arm64]\n"
        f"referrers: {str(referrers).lower()}\nimages:\n"
        + "".join(f"  - {source.address}/{name}:1.0\n" for name in names)
    )
    return [lab.ENTREPOT, "mirror", "-c", "mirror.yaml"]


def prepare_skopeo_sync(directory, source, target, names):
    (directory / "sync.yaml").write_text(
        f'"{source.address}":\n  tls-verify: false\n  images:\n' + "".join(f'    {name}: ["1.0"]\n' for name in names)
    )
    return [
        "skopeo", "sync", "--all", "--src", "yaml", "--dest", "docker", "--dest-tls-verify=false",
        "sync.yaml", f"{target.address}/mirror",
    ]


def each(directory, lines):
    script = directory / "copy.sh"
    script.write_text("set -e\n" + "".join(line + "\n" for line in lines))
    return ["sh", script]


def prepare_skopeo_copy(directory, source, target, names):
    return each(
        directory,
        (
            "skopeo copy --all --src-tls-verify=false --dest-tls-verify=false "
            f"docker://{source.address}/{name}:1.0 docker://{target.address}/mirror/{name}:1.0"
            for name in names
        ),
    )


def prepare_crane(directory, source, target, names):
    return each(
        directory,
        (f"crane copy --insecure {source.address}/{name}:1.0 {target.address}/mirror/{name}:1.0" for name in names),
    )


def regsync(parallel):
    def prepare(directory, source, target, names):
        (directory / "regsync.yaml").write_text(
            "version: 1\ncreds:\n"
            + "".join(f"  - registry: {registry.address}\n    tls: disabled\n" for registry in (source, target))
            + (f"defaults:\n  parallel: {parallel}\n" if parallel else "")
            + "sync:\n"
            + "".join(
                f"  - source: {source.address}/{name}:1.0\n    target: {target.address}/mirror/{name}:1.0\n"
                "    type: image\n"
                for name in names
            )
        )
        return ["regsync", "once", "-c", "regsync.yaml"]

    return prepare


CONTENDERS = [
    Contender("entrepot", None, prepare_entrepot, "`./entrepot mirror -c mirror.yaml`"),
    Contender("skopeo sync", "skopeo", prepare_skopeo_sync, "`skopeo sync --all --src yaml`"),
    Contender("skopeo copy", "skopeo", prepare_skopeo_copy, "`skopeo copy --all`, image after image"),
    Contender("regsync", "regsync", regsync(None), "`regsync once`, as it comes"),
    Contender("regsync ×4", "regsync", regsync(4), "`regsync once` with `parallel: 4`"),
    Contender("crane", "crane", prepare_crane, "`crane copy`, image after image"),
]


# ---- one run -------------------------------------------------------------------------------------------------------


def timed(command, directory):
    """Seconds on the clock, and the largest resident set of any one process of the command, in KiB."""
    peak = directory / "peak"
    log = directory / "output.log"
    with open(log, "wb") as output:
        began = time.monotonic()
        # GNU time's own child starts from a small process: Python's size does not count as the child's.
        process = subprocess.run(
            [shutil.which("time"), "-f", "%M", "-o", peak, *map(str, command)],
            cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=environment(HOME=directory), timeout=1800,
        )
        seconds = time.monotonic() - began
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{log.read_text()[-4000:]}")
    return seconds, int(peak.read_text().split()[-1])


Measured = collections.namedtuple("Measured", "seconds peak source target")


def measured(command, directory, source, target):
    source.mark()
    target.mark()
    seconds, peak = timed(command, directory)
    return Measured(seconds, peak, source.requests(), target.requests())


def fetched_bytes(requests):
    return sum(request.length for request in requests if (request.method, request.kind) == ("GET", "blob"))


def verify_copies(source, target, names):
    for name in names:
        repository = next(
            (place for place in (f"mirror/{name}", f"mirror/{name.rpartition('/')[2]}") if target.manifest(place, "1.0")),
            None,
        )
        assert repository, f"{name} did not arrive"
        index = target.manifest(repository, "1.0")
        assert index == source.manifest(name, "1.0"), f"{name} is not what the source has"
        for child in json.loads(index)["manifests"]:
            assert target.manifest(repository, child["digest"]), f"{name}: a child is missing"


def round_of(contender, work, source, names):
    """A first run into an empty target, and one more after it."""
    with lab.work_directory("entrepot-bench-run-") as directory:
        with Registry("docker-registry", work) as target:
            command = contender.prepare(directory, source, target, names)
            first = measured(command, directory, source, target)
            again = measured(command, directory, source, target)
            verify_copies(source, target, names)
    return first, again


# ---- counts --------------------------------------------------------------------------------------------------------


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, name, actual, wanted, holds):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
        print(f"{'ok  ' if holds else 'FAIL'}  {name}: {actual} (wanted {wanted})", flush=True)


def check(work):
    checks = Checks()
    with Registry("docker-registry", work) as source:
        names = push_set(source, shared=True)
        blobs = set()
        for name in names:
            for child in json.loads(source.manifest(name, "1.0"))["manifests"]:
                manifest = json.loads(source.manifest(name, child["digest"]))
                blobs |= {(blob["digest"], blob["size"]) for blob in [manifest["config"], *manifest["layers"]]}
        distinct = sum(size for _, size in blobs)
        first, again = round_of(CONTENDERS[0], work, source, names)
        fetched = [r.reference for r in first.source if (r.method, r.kind) == ("GET", "blob")]
        checks.that("first run, blobs fetched", len(fetched), f"{len(blobs)}, each once", sorted(fetched) == sorted(d for d, _ in blobs))
        total = fetched_bytes(first.source)
        checks.that("first run, bytes of blobs fetched", total, distinct, total == distinct)
        pulls = count(first.source, "GET", "manifest")
        checks.that("first run, counted pulls", pulls, f"at most {3 * IMAGES}", pulls <= 3 * IMAGES)
        for side, requests in (("source", again.source), ("target", again.target)):
            asked = tally(requests)
            checks.that(f"unchanged run, requests at the {side}", asked, {"HEAD manifest": IMAGES}, asked == {"HEAD manifest": IMAGES})
        pulls = count(again.source, "GET", "manifest")
        checks.that("unchanged run, counted pulls", pulls, 0, pulls == 0)
        again = referrers_round(work, source, names)
        more = sum(tally(again.source).values()) + sum(tally(again.target).values()) - 2 * IMAGES
        checks.that("unchanged run with referrers, more requests", more, f"at most {3 * IMAGES}", more <= 3 * IMAGES)
        pulls = count(again.source, "GET", "manifest")
        checks.that("unchanged run with referrers, counted pulls", pulls, 0, pulls == 0)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


def referrers_round(work, source, names):
    with lab.work_directory("entrepot-bench-run-") as directory:
        with Registry("docker-registry", work) as target:
            command = prepare_entrepot(directory, source, target, names, referrers=True)
            measured(command, directory, source, target)
            return measured(command, directory, source, target)


# ---- a large layer -------------------------------------------------------------------------------------------------


class Watch(threading.Thread):
    """Looks into a process while it runs: its resident memory, what it wrote to storage, its largest open file."""

    def __init__(self, process, temporary):
        super().__init__(daemon=True)
        self.process, self.temporary = process, temporary
        self.resident = self.written = self.largest_file = self.in_temporary = 0

    def run(self):
        proc = pathlib.Path("/proc", str(self.process.pid))
        while self.process.poll() is None:
            try:
                status = (proc / "status").read_text()
                # The launcher's shell becomes the program: the same process, a new memory.
                self.resident = max(self.resident, int(re.search(r"VmHWM:\s+(\d+)", status)[1]))
                self.written = int(re.search(r"\nwrite_bytes: (\d+)", (proc / "io").read_text())[1])
                for descriptor in (proc / "fd").iterdir():
                    flags = re.search(r"flags:\s+(\d+)", (proc / "fdinfo" / descriptor.name).read_text())[1]
                    if int(flags, 8) & 3 and descriptor.is_file():
                        self.largest_file = max(self.largest_file, descriptor.stat().st_size)
                held = sum(file.stat().st_size for file in self.temporary.rglob("*") if file.is_file())
                self.in_temporary = max(self.in_temporary, held)
            except (OSError, TypeError):
                pass  # It, or a file of it, was gone before it could be read.
            time.sleep(0.02)


def large(size, contenders):
    """Copies one image with a large layer by each contender; on a disk, as it would fill a memory file system."""
    lines = {}
    with lab.work_directory("entrepot-bench-large-") as work:
        with Registry("docker-registry", work) as source:
            name = push_large(source, size)
            for contender in contenders:
                with lab.work_directory("entrepot-bench-run-") as directory, Registry("docker-registry", work) as target:
                    command = contender.prepare(directory, source, target, [name])
                    if command[0] == "sh":
                        command = ["sh", "-c", "exec " + pathlib.Path(command[1]).read_text().splitlines()[1]]
                    temporary = directory / "tmp"
                    temporary.mkdir()
                    began = time.monotonic()
                    with open(directory / "output.log", "wb") as output:
                        process = subprocess.Popen(
                            [str(part) for part in command], cwd=directory, stdin=subprocess.DEVNULL,
                            stdout=output, stderr=output,
                            env=environment(HOME=directory, TMPDIR=temporary, ENTREPOT_JAVA_OPTIONS=f"-Djava.io.tmpdir={temporary}"),
                        )
                        watch = Watch(process, temporary)
                        watch.start()
                        code = process.wait()
                        watch.join()
                    seconds = time.monotonic() - began
                    if code != 0:
                        raise SystemExit(f"{contender.title}: {(directory / 'output.log').read_text()[-4000:]}")
                    verify_copies(source, target, [name])
                    lines[contender.title] = (seconds, watch)
                    print(
                        f"large layer  {contender.title:12} {seconds:6.1f} s  resident {watch.resident / 1024:.0f} MiB"
                        f"  written {watch.written / MIB:.1f} MiB  temporary {watch.in_temporary / MIB:.1f} MiB",
                        flush=True,
                    )
    return lines


# ---- the table -----------------------------------------------------------------------------------------------------


def words(requests):
    totals = tally(requests)
    per_image = [
        f"{amount / IMAGES:g} {key}" for key, amount in totals.items()
    ]
    return ", ".join(per_image) or "none"


def section(title, results, contenders):
    def row(name, value):
        return [name] + [value(results[contender.title]) for contender in contenders]

    first = {contender.title: [one.seconds for one, _ in results[contender.title]] for contender in contenders}
    again = {contender.title: [two.seconds for _, two in results[contender.title]] for contender in contenders}

    def ratio(seconds, title):
        return f"{statistics.median(seconds['entrepot']) / statistics.median(seconds[title]):.2f}" if "entrepot" in seconds else "–"

    rows = [
        row("first run, seconds", lambda runs: spread([one.seconds for one, _ in runs])),
        ["entrepot ÷ it"] + [ratio(first, contender.title) for contender in contenders],
        row("unchanged run, seconds", lambda runs: spread([two.seconds for _, two in runs])),
        ["entrepot ÷ it"] + [ratio(again, contender.title) for contender in contenders],
        row("first run, blob GETs at the source", lambda runs: str(count(runs[-1][0].source, "GET", "blob"))),
        row("first run, MiB of blobs from the source", lambda runs: f"{fetched_bytes(runs[-1][0].source) / MIB:.1f}"),
        row("first run, counted pulls", lambda runs: str(count(runs[-1][0].source, "GET", "manifest"))),
        row("first run, requests per image, source", lambda runs: words(runs[-1][0].source)),
        row("first run, requests per image, target", lambda runs: words(runs[-1][0].target)),
        row("unchanged run, counted pulls", lambda runs: str(count(runs[-1][1].source, "GET", "manifest"))),
        row("unchanged run, requests per image, source", lambda runs: words(runs[-1][1].source)),
        row("unchanged run, requests per image, target", lambda runs: words(runs[-1][1].target)),
        row("first run, peak resident MiB", lambda runs: spread([one.peak / 1024 for one, _ in runs], 0)),
        row("unchanged run, peak resident MiB", lambda runs: spread([two.peak / 1024 for _, two in runs], 0)),
    ]
    return f"## {title}\n\n" + table(rows, [contender.title for contender in contenders]) + "\n"


def measure(options, work, contenders):
    load = wait_until_quiet(options.load, options.wait)
    head = (
        "# Mirroring, side by side\n\n"
        f"Written by `benchmarks/mirror/run` on {datetime.date.today()}. {machine()}; load average at the start {load:.2f}.\n"
        f"{options.rounds} rounds, the contenders in turn, each round into an empty target; medians, with least and most in\n"
        "brackets. Both registries are `docker-registry` on the loopback address with their files in "
        f"{'memory (tmpfs)' if str(work).startswith('/dev/shm') else 'a temporary directory'}.\n"
        "Times include the start of the process. Requests are counted from the registries' access logs, pings left out;\n"
        "a counted pull is a GET of a manifest at the source. Every copy is compared with its source after its round.\n\n"
        + "".join(f"- {contender.title}: {contender.note}\n" for contender in contenders)
        + "- "
        + "; ".join(f"{name}: {version_of(name)}" for name in ("entrepot", "docker-registry", "skopeo", "regsync", "crane"))
        + "\n\n"
    )
    text = head
    for title, shared in (
        ("20 two-platform images, 3 layers each, a base and a runtime shared", True),
        ("20 two-platform images, 3 layers each, none shared", False),
    ):
        with Registry("docker-registry", work) as source:
            names = push_set(source, shared)
            results = {contender.title: [] for contender in contenders}
            for number in range(-1, options.rounds):
                turn = max(number, 0) % len(contenders)
                for contender in contenders[turn:] + contenders[:turn]:
                    first, again = round_of(contender, work, source, names)
                    # The round before the first warms the disk's cache and is not counted.
                    if number >= 0:
                        results[contender.title].append((first, again))
                    print(
                        f"{title[-11:]:12} round {number + 1}  {contender.title:12} first {first.seconds:6.2f} s"
                        f"  unchanged {again.seconds:6.2f} s  load {os.getloadavg()[0]:.2f}",
                        flush=True,
                    )
            text += section(title, results, contenders)
            if shared:
                again = referrers_round(work, source, names)
                text += (
                    "Unchanged run of entrepot with `referrers: true`, requests per image: "
                    f"source {words(again.source)}; target {words(again.target)}.\n\n"
                )
    if options.large:
        lines = large(options.large * MIB, [c for c in contenders if c.title in ("entrepot", "skopeo copy", "regsync", "crane")])
        rows = [
            [title, f"{seconds:.1f}", f"{watch.resident / 1024:.0f}", f"{watch.written / MIB:.1f}",
             f"{watch.largest_file / MIB:.1f}", f"{watch.in_temporary / MIB:.1f}"]
            for title, (seconds, watch) in lines.items()
        ]
        text += f"## One layer of {options.large} MiB\n\n"
        text += table(rows, ["seconds", "peak resident MiB", "MiB written to storage", "largest file open for writing, MiB", "most MiB in TMPDIR"])
        text += "\nOne run each. Read every 20 ms from `/proc`: `VmHWM`, `write_bytes`, open files.\n"
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text)
    print(f"wrote {options.out}")
    return 0


def main():
    lab.end_cleanly()
    parser = argparse.ArgumentParser(prog="benchmarks/mirror/run", description="entrepot mirror beside skopeo, regsync and crane")
    parser.add_argument("--check", action="store_true", help="counts only; exits 1 when one is too high")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", help="contenders, by commas: entrepot,skopeo sync,skopeo copy,regsync,regsync ×4,crane")
    parser.add_argument("--large", type=int, default=4096, metavar="MIB", help="size of the large layer; 0 leaves it out")
    parser.add_argument("--load", type=float, default=0.6, help="start when the load average is below this")
    parser.add_argument("--wait", type=float, default=10, metavar="MINUTES", help="and start after this long anyhow")
    parser.add_argument("--out", type=pathlib.Path, default=RESULTS / "mirror.md")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else None
    contenders = []
    for contender in CONTENDERS:
        if names and contender.title not in names:
            continue
        if not contender.available():
            print(f"!!! NOT INSTALLED, LEFT OUT: {contender.title}", file=sys.stderr)
            continue
        contenders.append(contender)
    # Built before anything is timed, and its start-up cache made.
    built = lab.entrepot("--version")
    if built.code != 0:
        raise SystemExit(str(built))
    with work_directory(4) as work:
        return check(work) if options.check else measure(options, work, contenders)


if __name__ == "__main__":
    sys.exit(main())
