"""Copying images from one registry into another: the first time, and once more when nothing has changed."""

import concurrent.futures
import contextlib
import json
import threading
import time

import lab
from lab import Registry, count, tally

from .. import charts, clients, images, programs
from ..images import MIB
from ..report import Page, Samples
from ..scene import notes, scene
from ..servers import Relay, settings

MUST, PEERS = ("docker-registry", "time"), ("skopeo", "regsync", "crane", "oras")


class Contender:
    """A program, and how its users copy a list of images with it. command(directory, source, target, names) writes its files."""

    def __init__(self, title, program, note, command):
        self.title, self.program, self.note, self.command = title, program, note, command

    def available(self):
        return self.program is None or programs.find(self.program) is not None


def entrepot(directory, source, target, names, referrers=False):
    listed = "".join(f"  - {source}/{name}:1.0\n" for name in names)
    (directory / "mirror.yaml").write_text(settings("mirror.yaml", target=target, referrers=str(referrers).lower(), images=listed))
    return [lab.ENTREPOT, "mirror", "-c", "mirror.yaml"]


def skopeo_sync(directory, source, target, names):
    listed = "".join(f'    {name}: ["1.0"]\n' for name in names)
    (directory / "sync.yaml").write_text(settings("skopeo-sync.yaml", source=source, images=listed))
    return ["skopeo", "sync", "--all", "--src", "yaml", "--dest", "docker", "--dest-tls-verify=false", "sync.yaml", f"{target}/mirror"]


def regsync(parallel):
    def command(directory, source, target, names):
        listed = "".join(f"  - source: {source}/{name}:1.0\n    target: {target}/mirror/{name}:1.0\n    type: image\n" for name in names)
        (directory / "regsync.yaml").write_text(settings("regsync.yaml", source=source, target=target, parallel=parallel, images=listed))
        return ["regsync", "once", "-c", "regsync.yaml"]

    return command


def each(line):
    def command(directory, source, target, names):
        lines = (line.format(source=source, target=target, name=name) for name in names)
        (directory / "copy.sh").write_text("set -e\n" + "".join(f"{one}\n" for one in lines))
        return ["sh", "copy.sh"]

    return command


SKOPEO_COPY = "skopeo copy --all --src-tls-verify=false --dest-tls-verify=false docker://{source}/{name}:1.0 docker://{target}/mirror/{name}:1.0"
CONTENDERS = {
    one.title: one
    for one in (
        Contender("entrepot", None, "`./entrepot mirror -c mirror.yaml`", entrepot),
        Contender("regsync", "regsync", "`regsync once`, one image at a time, as it comes (`reqConcurrent: 3`)", regsync(3)),
        Contender("regsync ×16", "regsync", "the same with `parallel: 16` and as many requests at a time", regsync(16)),
        Contender("skopeo sync", "skopeo", "`skopeo sync --all --src yaml`", skopeo_sync),
        Contender("skopeo copy", "skopeo", "`skopeo copy --all`, image after image", each(SKOPEO_COPY)),
        Contender("crane", "crane", "`crane copy`, image after image", each("crane copy --insecure {source}/{name}:1.0 {target}/mirror/{name}:1.0")),
        Contender("oras", "oras", "`oras cp`, image after image", each("oras cp --from-plain-http --to-plain-http {source}/{name}:1.0 {target}/mirror/{name}:1.0")),
    )
}


class Case:
    """A set of images, a distance to both registries, and who copies them how often, and how long a peer may take."""

    def __init__(self, title, words, number, shared, sizes, milliseconds, who, rounds, limit):
        self.title, self.words, self.number, self.shared, self.sizes = title, words, number, shared, sizes
        self.milliseconds, self.who, self.rounds, self.limit = milliseconds, who, rounds, limit


SLOW = 20.0
FEW, SMALL = (3 * MIB, 2 * MIB, MIB), (20_000, 10_000)
EVERYONE = tuple(CONTENDERS)
SHORT = ("entrepot", "regsync ×16", "skopeo sync")
CASES = (
    Case("20 images", "20 two-platform images of 3 layers, 6 MiB a platform, a base and a runtime shared", 20, True, FEW, 0, EVERYONE, 3, 120),
    Case("20 images, nothing shared", "the same without a layer in common", 20, False, FEW, 0, ("entrepot", "regsync ×16", "skopeo sync", "crane"), 2, 120),
    Case("20 images, 30 ms", "20 images, both registries 30 ms away (there and back)", 20, True, FEW, 30, ("entrepot", "regsync", "regsync ×16", "skopeo sync"), 2, 90),
    Case("500 images", "500 two-platform images of 2 layers, 30 kB a platform", 500, True, SMALL, 0, SHORT, 1, 60),
    Case("500 images, 30 ms", "500 images, both registries 30 ms away", 500, True, SMALL, 30, SHORT, 1, 45),
)


@contextlib.contextmanager
def far(registry, milliseconds):
    """The address of a registry, behind a line where there is a distance."""
    if not milliseconds:
        yield registry.address
        return
    with Relay(registry.address, milliseconds) as relay:
        yield relay.address


def verify(source, target, names):
    """Every index is at the target as the source has it, with its children."""
    for name in names:
        wanted = source.manifest(name, "1.0")
        found = next((place for place in (f"mirror/{name}", f"mirror/{name.rpartition('/')[2]}") if target.manifest(place, "1.0") == wanted), None)
        assert found, f"{name} did not arrive as the source has it"
        for child in json.loads(wanted)["manifests"]:
            assert target.manifest(found, child["digest"]), f"{name}: a child is missing"


def both(bench, contender, source, names, milliseconds, limit, referrers=None):
    """A first run into an empty target, and one more after it: pairs of what it used and what both registries were asked."""
    with lab.work_directory("entrepot-bench-run-") as directory, Registry("docker-registry", bench.work) as target:
        with far(source, milliseconds) as here, far(target, milliseconds) as there:
            more = {} if referrers is None else {"referrers": referrers}
            command = contender.command(directory, here, there, names, **more)
            runs = []
            bench.room(512 * images.MIB)
            for _ in range(2):
                source.mark()
                target.mark()
                used = clients.measured(command, directory, limit)
                runs.append((used, source.requests(), target.requests()))
                if not used.complete:
                    break
            if runs[0][0].complete:
                verify(source, target, names if len(names) <= 20 else names[::25])
            return runs


def sent(requests):
    return sum(one.length for one in requests if (one.method, one.kind) == ("GET", "blob"))


def words(requests, number):
    return ", ".join(f"{amount / number:.3g} {key}" for key, amount in tally(requests).items()) or "none"


@scene("mirror", "20 and 500 images, first and unchanged, 0 and 30 ms away", MUST, PEERS, minutes=14, gigabytes=4)
def mirror(bench):
    page, samples = Page("Mirroring"), Samples()
    cases = CASES if not bench.quick else (Case("20 images", "20 small images, a base and a runtime shared", 20, True, (30_000, 20_000, 10_000), 0, ("entrepot", "regsync ×16", "skopeo sync"), 1, 60),)
    asked, told = {}, []
    sources = {}
    with contextlib.ExitStack() as stack:
        for case in cases:
            key = case.number, case.shared
            if key not in sources:
                source = stack.enter_context(Registry("docker-registry", bench.work))
                began = time.monotonic()
                sources[key] = source, images.team(source, case.number, case.shared, case.sizes)
                bench.say(f"{case.title}: pushed in {time.monotonic() - began:.1f} s")
            source, names = sources[key]
            told += one_case(bench, case, source, names, samples, asked)
            judge(page, case, samples, asked, source, names)
        source, names = next(iter(sources.values()))
        runs = both(bench, CONTENDERS["entrepot"], source, names, 0, 120, referrers=True)
        more = sum(tally(runs[1][1]).values()) + sum(tally(runs[1][2]).values()) - 2 * len(names)
        page.counted("with `referrers: true`, unchanged: more requests", more, f"at most {3 * len(names)}", more <= 3 * len(names))
    titles = [one.title for one in CONTENDERS.values() if one.available()]
    page.text(
        "Both registries are `docker-registry` with their files in memory. The contenders take turns, each into an empty target and\n"
        "then again. Seconds are on the wall clock, the start of the process with it. Requests are lines of the registries'\n"
        "access logs, pings left out; a counted pull is a GET of a manifest at the source, which is what Docker Hub's limit\n"
        "counts. A peer whose first run takes more than 20 s is measured once. 30 ms is a relay's doing, for all alike: each\n"
        "byte half a round trip later, a connection one more. Every copy is compared with its source.\n\n" + notes([one for one in CONTENDERS.values() if one.available()])
    )
    for text in told:
        page.text(f"- {text}")
    for run, name in (("first", "mirror-first"), ("unchanged", "mirror-unchanged")):
        panels = [(f"{case.title}, {run}", case.title, None) for case in cases]
        page.chart(charts.bars(bench.results, name, f"Mirroring: {'the first run' if run == 'first' else 'nothing has changed'}", "seconds", samples, panels, titles), f"seconds of the {run} run")
    for case in cases:
        page.head(case.title)
        rounds = bench.rounds(case.rounds)
        page.text(case.words + f"; {rounds} round{'s' * (rounds > 1)}.")
        who = [title for title in titles if title in case.who]
        rows = []
        for run in ("first", "unchanged"):
            what = f"{case.title}, {run}"
            rows += [samples.row(what, who, 2, f"{run} run, s")]
            ours = samples.median(what, "entrepot")
            rows.append(["entrepot ÷ it"] + [f"{ours / middle:.2f}" if (middle := samples.median(what, one)) else "–" for one in who])
            rows += [samples.row(f"{what}: processor", who, 2, "processor seconds"), samples.row(f"{what}: peak", who, 0, "peak resident MiB")]
            for label, value in (
                ("requests per image, source", lambda got: words(got[0], case.number)), ("requests per image, target", lambda got: words(got[1], case.number)),
                ("counted pulls", lambda got: count(got[0], "GET", "manifest")), ("MiB of blobs from the source", lambda got: f"{sent(got[0]) / MIB:.1f}"),
            ):
                rows.append([label] + [str(value(asked[what, one])) if (what, one) in asked else "–" for one in who])
        page.table(who, rows)
    return page


def one_case(bench, case, source, names, samples, asked):
    """Measures a case; what has to be told of contenders that did not get to the end."""
    everyone = [CONTENDERS[title] for title in case.who if CONTENDERS[title].available()]
    given_up, enough = {}, set()
    rounds = bench.rounds(case.rounds)
    for number in range(rounds):
        for contender in bench.turns(everyone, number):
            if contender.title in given_up or contender.title in enough:
                continue
            with bench.trying(contender):
                runs = both(bench, contender, source, names, case.milliseconds, max(case.limit, 180) if contender.title == "entrepot" else case.limit)
                for (used, at_source, at_target), run in zip(runs, ("first", "unchanged")):
                    what = f"{case.title}, {run}"
                    if not used.complete:
                        if contender.title == "entrepot":
                            raise RuntimeError(f"entrepot was not done after {used.seconds:.0f} s: {what}")
                        done = count(at_target, "PUT", "manifest") // 3
                        given_up[contender.title] = f"{case.title}: {contender.title} was ended in its {run} run after {case.limit} s, with {min(done, case.number)} of {case.number} images copied."
                        break
                    samples.add(what, contender.title, used.seconds)
                    samples.add(f"{what}: processor", contender.title, used.processor)
                    samples.add(f"{what}: peak", contender.title, used.peak)
                    asked[what, contender.title] = at_source, at_target
                # One round tells enough of a peer that takes so long.
                if contender.title != "entrepot" and runs[0][0].seconds > SLOW:
                    enough.add(contender.title)
                bench.say(f"{case.title}, {contender.title}: " + ", ".join(f"{used.seconds:.2f} s" for used, _, _ in runs) + ("" if contender.title not in given_up else " (ended)"))
    return list(given_up.values())


def judge(page, case, samples, asked, source, names):
    first, again = asked[f"{case.title}, first", "entrepot"], asked[f"{case.title}, unchanged", "entrepot"]
    blobs = {}
    for name in names:
        for child in json.loads(source.manifest(name, "1.0"))["manifests"]:
            manifest = json.loads(source.manifest(name, child["digest"]))
            blobs |= {blob["digest"]: blob["size"] for blob in [manifest["config"], *manifest["layers"]]}
    fetched = [one.reference for one in first[0] if (one.method, one.kind) == ("GET", "blob")]
    page.counted(f"{case.title}, first: blobs fetched, each once", len(fetched), len(blobs), sorted(fetched) == sorted(blobs))
    pulls = count(first[0], "GET", "manifest")
    page.counted(f"{case.title}, first: counted pulls", pulls, f"at most {3 * case.number}", pulls <= 3 * case.number)
    unchanged = {"HEAD manifest": case.number}
    page.counted(
        f"{case.title}, unchanged: requests an image", f"{sum(sum(tally(side).values()) for side in again) / case.number:g}", "2, a HEAD on each side",
        tally(again[0]) == unchanged and tally(again[1]) == unchanged,
    )
    for run, part in (("first", 0.7), ("unchanged", 0.5)):
        what = f"{case.title}, {run}"
        best = samples.best(what, case.who[1:])
        page.at_most(f"{what}: time, of the best peer" + (f" ({best[0]})" if best else ""), samples.median(what, "entrepot") / best[1] if best else None, part if best else None)


# ---- one large layer -------------------------------------------------------------------------------------------------


class Watch(threading.Thread):
    """Looks every 20 ms how much lies in a folder for temporary files."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.most, self.over = folder, 0, threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            with contextlib.suppress(OSError):  # A file was gone before it could be looked at.
                self.most = max(self.most, sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file()))


@scene("mirror-large", "one image with a layer of 4 GiB: time, memory, temporary files", MUST, PEERS, minutes=12, usual=False, quick=False, gigabytes=12)
def mirror_large(bench):
    size = bench.pick(64, 4096) * MIB
    page, rows = Page("Mirroring one large layer"), []
    with Registry("docker-registry", bench.work) as source:
        name = images.large(source, size)
        for title in ("entrepot", "regsync", "skopeo copy", "crane"):
            contender = CONTENDERS[title]
            if not contender.available():
                continue
            with bench.trying(contender), lab.work_directory("entrepot-bench-run-") as directory, Registry("docker-registry", bench.work) as target:
                temporary = directory / "tmp"
                temporary.mkdir()
                watch = Watch(temporary)
                watch.start()
                try:
                    used = clients.measured(
                        contender.command(directory, source.address, target.address, [name]), directory, 300,
                        TMPDIR=temporary, ENTREPOT_JAVA_OPTIONS=f"-Djava.io.tmpdir={temporary}",
                    )
                finally:
                    watch.over.set()
                    watch.join()
                verify(source, target, [name])
                rows.append([title, f"{used.seconds:.1f}", f"{used.processor:.1f}", f"{used.peak:.0f}", f"{watch.most / MIB:.1f}"])
                if title == "entrepot":
                    page.at_most("peak resident memory", used.peak, 256, " MiB", 0)
                    page.at_most("most in TMPDIR", watch.most / MIB, 1, " MiB")
                bench.say(rows[-1])
    page.text(f"One layer of {size // MIB} MiB that does not compress, one run each, between two `docker-registry` with files in memory where there is room.")
    page.table(["seconds", "processor seconds", "peak resident MiB", "most MiB in TMPDIR"], rows)
    return page


# ---- many images that have not changed ---------------------------------------------------------------------------------


def many(registry, number):
    """Small images of different digests in 100 repositories, as name and tag."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": []}}).encode()
    repositories = min(number, 100)

    def fill(repository):
        name = f"bench/many-{repository:02}"
        described = {"mediaType": lab.OCI_CONFIG, "digest": registry.push_blob(name, config), "size": len(config)}
        for each in range(repository, number, repositories):
            manifest = {"schemaVersion": 2, "mediaType": lab.OCI_MANIFEST, "config": described, "layers": [], "annotations": {"number": str(each)}}
            registry.push_manifest(name, manifest, lab.OCI_MANIFEST, f"v{each}")

    with concurrent.futures.ThreadPoolExecutor(8) as pushing:
        list(pushing.map(fill, range(repositories)))
    return [f"bench/many-{each % repositories:02}:v{each}" for each in range(number)]


@scene("mirror-growth", "20, 500 and 10,000 images that have not changed", ("docker-registry", "time"), minutes=12, usual=False, quick=False, gigabytes=2)
def mirror_growth(bench):
    sizes = bench.pick((2, 20, 200), (20, 500, 10_000))
    page, samples = Page("Mirroring more and more images"), Samples()
    with Registry("docker-registry", bench.work) as source, Registry("docker-registry", bench.work) as target:
        images_there = many(source, sizes[-1])
        for size in sizes:
            with lab.work_directory("entrepot-bench-run-") as directory:
                listed = "".join(f"  - {source.address}/{image}\n" for image in images_there[:size])
                (directory / "mirror.yaml").write_text(
                    settings("mirror.yaml", target=target.address, referrers="false", images=listed).replace("linux/amd64, linux/arm64", "linux/amd64")
                )
                command = [lab.ENTREPOT, "mirror", "-c", "mirror.yaml"]
                clients.measured(command, directory)
                for _ in range(bench.rounds(3)):
                    source.mark()
                    target.mark()
                    used = clients.measured(command, directory)
                    samples.add(("seconds", size), "entrepot", used.seconds)
                    samples.add(("processor", size), "entrepot", used.processor)
                    samples.add(("peak", size), "entrepot", used.peak)
                    bench.say(f"{size} images: {used.seconds:.2f} s, {used.processor:.2f} processor s, {used.peak:.0f} MiB")
                asked = [tally(registry.requests()) for registry in (source, target)]
                page.counted(f"{size} images: requests", sum(sum(each.values()) for each in asked), 2 * size)
    small, large = sizes[0], sizes[-1]
    more = samples.median(("processor", large), "entrepot") - samples.median(("processor", small), "entrepot")
    page.at_most("processor time of one more request", 1000 * more / (2 * (large - small)), 0.25, " ms")
    page.at_most(f"peak resident memory, {large} images", samples.median(("peak", large), "entrepot"), 256, " MiB", 0)
    page.text("Images of one small manifest in 100 repositories of a `docker-registry`; a run after the one that copied them, with its lock beside it: a HEAD on each side for an image.")
    rows = [samples.row((what, size), ["entrepot"], digits, f"{size} images: {unit}") for size in sizes for what, unit, digits in (
        ("seconds", "seconds", 2), ("processor", "processor seconds", 2), ("peak", "peak resident MiB", 0))]
    page.table(["entrepot"], rows)
    page.chart(
        charts.lines(
            bench.results, "mirror-growth", "Nothing has changed", "images", samples,
            [(lambda size: ("seconds", size), "time", "seconds"), (lambda size: ("peak", size), "peak memory", "MiB")], ["entrepot"], sizes,
        ),
        "seconds and memory by the number of images",
    )
    return page
