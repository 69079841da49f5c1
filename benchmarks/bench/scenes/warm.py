"""What is in the store: manifests and blobs, over and over."""

import random

import lab
from lab import Registry

from .. import charts, clients, servers
from ..images import MIB, noise
from ..report import Page, Samples
from ..scene import available, notes, scene
from ..servers import NAME

MUST, PEERS = ("docker-registry", "wrk"), ("registry", "zot", "nginx")


class Warm:
    """Servers that have all they are asked for."""

    def __init__(self, bench, upstream, kinds, files, tls=False):
        self.bench, self.files = bench, files
        self.servers = {}
        made = [kind(bench.work, files, tls=tls) if kind is servers.Nginx else kind(bench.work, upstream.address, tls=tls) for kind in kinds]
        for server in made:
            with bench.trying(server):
                self.servers[server.title] = server
                server.start()

    def __enter__(self):
        try:
            for title, server in self.servers.items():
                with self.bench.trying(title):
                    for path in self.files:
                        for _ in range(2):
                            server.get(server.url(path).removeprefix(server.base()), {"Accept": lab.ACCEPT})
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.servers.values():
            server.stop()

    def measure(self, samples, what, path, connections, seconds, rounds, head=False):
        """Everyone in turn; a short round before the first warms everybody up and is not counted."""
        for number in range(0 if self.bench.quick else -1, rounds):
            for title in self.bench.turns(list(self.servers), max(number, 0)):
                server = self.servers[title]
                with self.bench.trying(title):
                    used = server.processor()
                    lasting = 2 if number < 0 else seconds
                    if head:
                        (rate, slow), transfer = clients.ask(server.url(path), connections, lasting), 0
                    else:
                        rate, transfer, slow = clients.wrk(server.url(path), connections, lasting)
                    if number >= 0:
                        samples.add(what, title, transfer / MIB if path.startswith("blobs") else rate)
                        samples.add(f"{what}: p99", title, slow)
                        if transfer:
                            samples.add(f"{what}: processor", title, (server.processor() - used) / (transfer * lasting / (1 << 30)))
        self.bench.say(what, {title: round(samples.median(what, title) or 0) for title in self.servers})

    def memory(self, samples):
        for title, server in self.servers.items():
            if title not in self.bench.failed:
                samples.add("resident", title, server.resident())
                samples.add("peak", title, server.resident("VmHWM"))


@scene("manifests", "warm manifests by tag and digest, GET and HEAD", MUST, PEERS, minutes=6)
def manifests(bench):
    kinds = [*available(servers.CACHES), *available([servers.Nginx])]
    page, samples = Page("Warm manifests"), Samples()
    rounds, seconds = bench.rounds(3), bench.pick(1, 2)
    with Registry("docker-registry", bench.work) as upstream:
        image = lab.push_image(upstream, NAME, [noise("a", 1000)], "amd64", tag="1")
        data = upstream.manifest(NAME, image["digest"])
        files = {"manifests/1": data, f"manifests/{image['digest']}": data}
        with Warm(bench, upstream, kinds, files) as warm:
            asked = {
                "GET by tag": ("manifests/1", False), "GET by digest": (f"manifests/{image['digest']}", False),
                "HEAD by tag": ("manifests/1", True), "HEAD by digest": (f"manifests/{image['digest']}", True),
            }
            for what, (path, head) in asked.items():
                warm.measure(samples, what, path, 32, seconds, rounds, head)
            warm.memory(samples)
            titles = list(warm.servers)
    registries = [title for title in titles if title not in ("entrepot", "nginx")]
    for what in asked:
        ours, nginx = samples.median(what, "entrepot"), samples.median(what, "nginx")
        page.at_least(f"{what}: requests/s, of static nginx", ours / nginx if nginx else None, 0.9 if nginx else None)
        best = samples.best(what, registries, least=False)
        page.at_least(f"{what}: requests/s, of the best registry" + (f" ({best[0]})" if best else ""), ours / best[1] if best else None, 20 if best else None, " times", 1)
    page.text(
        "32 connections. GET by `wrk`, one thread; HEAD, which `wrk` cannot measure, by our own client, so the two are not to be\n"
        "compared with each other. The servers, two of them caches of the same upstream, share two processors with the client.\n"
        "docker-registry and distribution 3 ask upstream for the tag each time.\n\n" + notes(kinds)
    )
    page.chart(charts.bars(bench.results, "manifests", "Warm manifests", "requests a second", samples, [(what, what, None) for what in asked], titles), "requests a second")
    rows = []
    for what in asked:
        rows += [samples.row(what, titles, 0, f"{what}, requests/s"), samples.ratios(what, titles, "nginx", "÷ nginx"), samples.row(f"{what}: p99", titles, 2, "99th percentile, ms")]
    page.table(titles, rows + [samples.row("resident", titles, 0, "resident MiB after this"), samples.row("peak", titles, 0, "peak resident MiB")])
    return page


@scene("blobs", "warm blobs of 1 KiB, 1 MiB and 200 MiB, with and without TLS", (*MUST, "openssl"), PEERS, minutes=8, gigabytes=5)
def blobs(bench):
    caches = available(servers.CACHES)
    page, samples = Page("Warm blobs"), Samples()
    rounds, seconds = bench.rounds(3), bench.pick(1, 2)
    sizes = {"1 KiB": 1024, "1 MiB": MIB} | bench.pick({"20 MiB": 20 * MIB}, {"200 MiB": 200 * MIB})
    asked = {}
    with Registry("docker-registry", bench.work) as upstream:
        contents = {name: random.Random(name).randbytes(size) for name, size in sizes.items()}
        digests = {name: upstream.push_blob(NAME, data) for name, data in contents.items()}
        files = {f"blobs/{digests[name]}": data for name, data in contents.items()}
        for tls in (False, True):
            kinds = [*caches, servers.Nginx] if servers.Nginx.available() else caches
            # One older registry is enough behind TLS.
            kinds = [kind for kind in kinds if not (tls and kind in (servers.DockerRegistry, servers.Zot))]
            with Warm(bench, upstream, kinds, files, tls) as warm:
                for name, size in sizes.items():
                    what = f"{name}{', TLS' if tls else ''}"
                    asked[what] = tls
                    warm.measure(samples, what, f"blobs/{digests[name]}", 32 if size < 4096 else 4, seconds, rounds)
                if not tls:
                    everyone = list(warm.servers)
                    warm.memory(samples)
    for what, tls in asked.items():
        ours, nginx = samples.median(what, "entrepot"), samples.median(what, "nginx")
        page.at_least(f"{what}: throughput, of nginx", ours / nginx if nginx else None, (0.8 if tls else 1.0) if nginx else None)
    page.text(
        "`wrk`, one thread; 32 connections for 1 KiB, 4 for the others. TLS 1.3, a P-256 certificate, connections are kept.\n"
        "Processor seconds are the server's, read from `/proc`, divided by what it sent. Server and client share\n"
        "the processors, so a server that needs less of them also gets its client served faster.\n\n" + notes(caches + [servers.Nginx])
    )
    page.chart(charts.bars(bench.results, "blobs", "Warm blobs: throughput", "MiB a second", samples, [(what, what, None) for what in asked], everyone), "MiB a second")
    page.chart(
        charts.bars(bench.results, "blobs-processor", "Warm blobs: the server's processor time", "processor seconds for a GiB", samples, [(f"{what}: processor", what, None) for what in asked], everyone, logarithmic=True),
        "processor seconds for a GiB",
    )
    rows = []
    for what in asked:
        rows += [
            samples.row(what, everyone, 0, f"{what}, MiB/s"), samples.ratios(what, everyone, "nginx", "÷ nginx"),
            samples.row(f"{what}: p99", everyone, 2, "99th percentile, ms"), samples.row(f"{what}: processor", everyone, 2, "processor seconds for a GiB"),
        ]
    page.table(everyone, rows + [samples.row("resident", everyone, 0, "resident MiB after the plain ones"), samples.row("peak", everyone, 0, "peak resident MiB")])
    return page
