"""From the command to its answer."""

import hashlib
import shutil
import time

import lab

from .. import charts, clients, programs, servers
from ..report import Page, Samples
from ..scene import available, scene

VERSION = {"crane": "version", "regctl": "version", "skopeo": "--version", "docker-registry": "--version"}


def launchers(bench):
    """(title, path) of ours: as it is shipped, and from the source tree."""
    source = lab.ROOT / "entrepot"
    return [("entrepot", lab.ENTREPOT)] + ([("entrepot (source tree)", source)] if lab.ENTREPOT != source else [])


@scene("start", "`--version`, `pin` of one file, `serve` to its first answer", ("docker-registry", "time"), ("registry", "crane", "skopeo"), minutes=4)
def start(bench):
    page, samples = Page("Starting"), Samples()
    ours = launchers(bench)
    file, lock = bench.work / "values.yaml", bench.work / "images.lock.yaml"
    file.write_text("image:\n  repository: docker.io/acme/app\n  tag: \"1.0\"\n")
    digest = "sha256:" + hashlib.sha256(b"app").hexdigest()
    lock.write_text(f"version: 1\nimages:\n  docker.io/acme/app:1.0:\n    digest: {digest}\n    target: ghcr.io/acme/mirror/app:1.0\n    platforms: []\n")
    rounds = bench.rounds(21)
    for title, launcher in ours:
        for command in (["--version"], ["pin", file, "--lock", lock, "--check", "--quiet"]):
            clients.measured([launcher, *command], bench.work, codes=(0, 3))  # Not counted: reads the files once.
    for _ in range(rounds):
        for title, launcher in ours:
            used = clients.measured([launcher, "--version"], bench.work)
            samples.add("--version", title, used.seconds)
            samples.add("--version peak", title, used.peak)
            used = clients.measured([launcher, "pin", file, "--lock", lock, "--check", "--quiet"], bench.work, codes=(3,))
            samples.add("pin", title, used.seconds)
            samples.add("pin peak", title, used.peak)
        for program in ("crane", "skopeo", "docker-registry"):
            if programs.find(program):
                samples.add("--version", program, clients.measured([programs.find(program), VERSION[program]], bench.work).seconds)
    peers = available((servers.DockerRegistry, servers.Distribution))
    # distribution 3 does not start as a cache of an upstream that is not there.
    with lab.Registry("docker-registry", bench.work) as upstream:
        for number in range(min(rounds, 9)):
            for kind in bench.turns(peers, number) if peers else ():
                with bench.trying(kind), kind(bench.work, upstream.address) as server:
                    samples.add("serve", kind.title, server.ready)
            for title, launcher in ours:
                server = servers.Entrepot(bench.work, upstream.address)
                server.launcher = launcher
                with server:
                    samples.add("serve", title, server.ready)
                    samples.add("serve resident", title, server.resident())
    wanted = {"--version": 0.10, "pin": 0.25, "serve": 0.20}
    words = {"--version": "`--version`", "pin": "`pin` of one file", "serve": "`serve` to its first answer"}
    for title, _ in ours:
        for what, limit in wanted.items():
            page.at_most(f"{words[what]}, {title}", samples.median(what, title), limit, " s", 3)
    if len(ours) == 1:
        page.text("**Only `./entrepot` of the source tree was measured, not what is shipped.**")
    page.text(
        f"A new process each time, {rounds} of them ({min(rounds, 9)} of `serve`), its files in the page cache; seconds on the wall clock, from\n"
        "the command to its end, or to the first 200 of `/v2/`. The launcher's shell is part of it, and GNU `time`'s own\n"
        "start (about a millisecond). For `pin` the lock holds the image and nothing is written (`--check`)."
    )
    everyone = [title for title, _ in ours] + [kind.title for kind in peers] + ["crane", "skopeo"]
    page.chart(
        charts.bars(bench.results, "start", "From the command to its answer", "seconds", samples, [(what, words[what].replace("`", ""), limit) for what, limit in wanted.items()], everyone),
        "seconds",
    )
    page.table(everyone, [samples.row(what, everyone, 3, f"{words[what]}, s") for what in wanted] + [
        samples.row("--version peak", everyone, 0, "peak resident MiB, `--version`"), samples.row("pin peak", everyone, 0, "peak resident MiB, `pin`"),
        samples.row("serve resident", everyone, 0, "resident MiB of `serve` then"),
    ])
    return page


def fill(place, count):
    """A store of so many blobs. They are names of few files, since only names and sizes are read at the start."""
    shared = None
    for sequence in range(count):
        name = hashlib.sha256(b"%d" % sequence).hexdigest()
        folder = place / "blobs" / "sha256" / name[:2]
        if sequence < 4096:
            folder.mkdir(parents=True, exist_ok=True)
        # File systems bound the names of one file, ext4 to 65,000.
        if sequence % 50_000 == 0:
            shared = folder / name
            shared.write_bytes(b"x")
        else:
            (folder / name).hardlink_to(shared)
    (place / "VERSION").write_text("entrepot store 1\n")


@scene("store", "start and memory with 1,000 to 3,000,000 blobs in the store", minutes=8, gigabytes=3)
def store(bench):
    page, samples = Page("A full store"), Samples()
    sizes = bench.pick([1_000, 2_000], [1_000, 100_000, 1_000_000, 3_000_000])
    for count in sizes:
        began = time.monotonic()
        place = bench.work / f"filled-{count}"
        place.mkdir()
        fill(place, count)
        bench.say(f"{count} blobs written in {time.monotonic() - began:.1f} s")
        for _ in range(bench.rounds(3)):
            server = servers.Entrepot(bench.work, "127.0.0.1:9")
            server.store = place
            with server:
                samples.add(f"ready {count}", "entrepot", server.ready)
                # What is counted in the background is counted by then.
                time.sleep(bench.pick(0.5, 5 + count / 100_000))
                samples.add(f"resident {count}", "entrepot", server.resident())
                samples.add(f"peak {count}", "entrepot", server.resident("VmHWM"))
                samples.add(f"processor {count}", "entrepot", server.processor())
        shutil.rmtree(place)
    if not bench.quick:
        least, most = sizes[0], sizes[-1]
        for count in sizes:
            page.at_most(f"{count:,} blobs: start to the first answer", samples.median(f"ready {count}", "entrepot"), 1.0, " s")
        grown = (samples.median(f"resident {most}", "entrepot") - samples.median(f"resident {least}", "entrepot")) * 2**20
        page.at_most("resident bytes more for each blob more", grown / (most - least), 50, "", 0)
    page.text("Stores of files of one byte, laid out as ours; the peers read nothing of theirs at the start. Measured again once all files are counted.")
    page.chart(
        charts.lines(bench.results, "store", "A store that grows", "blobs", samples, [
            (lambda count: f"ready {count}", "start to the first answer", "seconds"),
            (lambda count: f"resident {count}", "resident once counted", "MiB"),
        ], ["entrepot"], sizes),
        "both axes logarithmic",
    )
    page.table(["entrepot"], [
        samples.row(f"{what} {count}", ["entrepot"], digits, f"{count:,} blobs: {words}")
        for count in sizes
        for what, digits, words in (("ready", 3, "start to the first answer, s"), ("resident", 0, "resident MiB"), ("peak", 0, "peak resident MiB"), ("processor", 2, "processor seconds"))
    ])
    return page
