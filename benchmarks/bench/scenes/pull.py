"""What is not in the store yet: cold blobs, cold images, a slow upstream, and how often a tag is asked for."""

import os
import random

import lab
from lab import Registry, count

from .. import charts, clients, servers
from ..images import MIB, noise
from ..report import Page, Samples, spread
from ..scene import available, notes, scene
from ..servers import NAME, Relay

CLIENTS = (1, 4, 16, 64)


def blob_in(upstream, size, number=0):
    return upstream.push_blob(NAME, random.Random(size + number).randbytes(size))


@scene("cold-blob", "a blob nobody has yet, for 1, 4, 16 and 64 clients at once", ("docker-registry",), ("registry", "zot"), minutes=6, gigabytes=3)
def cold_blob(bench):
    size = bench.pick(20, 200) * MIB
    caches = available(servers.CACHES)
    everyone = ["direct", *caches]
    samples = Samples()
    page = Page("A cold blob")
    rounds = bench.rounds(3)
    with Registry("docker-registry", bench.work) as upstream:
        digests = [blob_in(upstream, size, number) for number in range(2)]
        for clients_at_once in CLIENTS:
            for number in range(rounds):
                for kind in bench.turns(everyone, number):
                    with bench.trying(kind):
                        once_cold(bench, kind, upstream, digests, clients_at_once, size, samples)
    titles = [kind if kind == "direct" else kind.title for kind in everyone]
    caches = titles[1:]
    peers = caches[1:]
    for at_once in CLIENTS:
        gets, sent = samples["GETs", f"entrepot {at_once}"], samples["sent", f"entrepot {at_once}"]
        page.counted(f"{at_once} client{'s' * (at_once > 1)}: GETs upstream, and the blob's bytes from it", f"{max(gets):.0f}, {max(sent):.2f} times", "1, 1.00 times")
    alone = samples.best(f"total, {CLIENTS[0]}", peers)
    together = samples.median("total, 64", "entrepot")
    page.at_most("64 clients: seconds for each", together / 64, alone[1] if alone else None, " s", 3, f"{alone[0]}, 1 client" if alone else "")
    page.text(
        f"A blob of {size // MIB} MiB, an empty cache each time. Clients (one process, a connection each), servers and the upstream\n"
        "(`docker-registry`) share the processors and the loopback address. The first byte is the body's, not the answer's head. The next blob is another one of the same size, of a server that has served one.\n\n"
        + "- direct: the upstream itself\n" + notes(available(servers.CACHES))
    )
    total = "total, {}".format
    page.chart(
        charts.lines(
            bench.results, "cold-blob", f"A cold blob of {size // MIB} MiB", "clients at once", samples,
            [(total, "until all have it", "seconds"), ("slowest, {}".format, "first byte, slowest client", "seconds"), ("GETs, {}".format, "GETs upstream", "requests")],
            titles, CLIENTS,
        ),
        "time and requests by clients",
    )
    for at_once in CLIENTS:
        page.head(f"{at_once} client{'s' if at_once > 1 else ''}")
        rows = []
        for who in titles:
            key = f"{who} {at_once}"
            rows.append([
                who, "–" if who == "direct" else f"{samples.median('GETs', key) or 0:.0f}", "–" if who == "direct" else f"{samples.median('sent', key) or 0:.1f}",
                *(spread_of(samples, what, who, at_once) for what in ("first", "slowest", "total")),
                "–" if who == "direct" else spread_of(samples, "next", who, at_once),
                "–" if who == "direct" else spread_of(samples, "peak", who, at_once, 0),
                "–" if who == "direct" else spread_of(samples, "processor", who, at_once),
                "–" if who == "direct" else spread_of(samples, "next processor", who, at_once),
            ])
        page.table(
            ["upstream GETs", "bytes from upstream ÷ blob", "first byte, median client, s", "first byte, slowest, s", "all done, s", "next blob: all done, s", "peak resident MiB", "processor s", "next blob: processor s"], rows
        )
    return page


def spread_of(samples, what, who, at_once, digits=3):
    return spread(samples[f"{what}, {at_once}", who], digits)


def once_cold(bench, kind, upstream, digests, at_once, size, samples):
    """The first blob of a server just started, then another one of the same server, which has compiled its code by then."""
    digest, following = digests
    if kind == "direct":
        told = clients.fetch(f"http://{upstream.address}/v2/{NAME}/blobs/{digest}", at_once)
        title = kind
    else:
        title = kind.title
        with kind(bench.work, upstream.address) as server:
            upstream.mark()
            bench.room(3 * size)
            told = clients.fetch(server.url(f"blobs/{digest}"), at_once, digest if bench.quick else None)
            asked = upstream.requests()
            gets = count(asked, "GET", "blob")
            sent = sum(one.length for one in asked if (one.method, one.kind) == ("GET", "blob")) / size
            samples.add("GETs", f"{title} {at_once}", gets)
            samples.add("sent", f"{title} {at_once}", sent)
            samples.add(f"GETs, {at_once}", title, gets)
            samples.add(f"peak, {at_once}", title, server.resident("VmHWM"))
            used = server.processor()
            samples.add(f"processor, {at_once}", title, used)
            bench.room(2 * size)
            again = clients.fetch(server.url(f"blobs/{following}"), at_once, following if bench.quick else None)
            assert again["bytes"] == size, again
            samples.add(f"next, {at_once}", title, again["total"])
            samples.add(f"next processor, {at_once}", title, server.processor() - used)
    assert told["bytes"] == size, told
    first = sorted(told["first"])
    samples.add(f"first, {at_once}", title, first[len(first) // 2])
    samples.add(f"slowest, {at_once}", title, first[-1])
    samples.add(f"total, {at_once}", title, told["total"])
    bench.say(f"{at_once} at once, {title}: {told['total']:.2f} s")


@scene("tag-freshness", "1,000 pulls of one tag: how often upstream is asked", ("docker-registry",), ("registry", "zot"), minutes=2)
def tag_freshness(bench):
    caches = available(servers.CACHES)
    page = Page("1,000 pulls of one tag")
    rows = []
    with Registry("docker-registry", bench.work) as upstream:
        lab.push_image(upstream, NAME, [noise("a", 1000)], "amd64", tag="1")
        for kind in caches:
            with bench.trying(kind), kind(bench.work, upstream.address) as server:
                upstream.mark()
                connection = server.connection()
                for _ in range(1000):
                    connection.request("GET", f"/v2/{NAME}/manifests/1{server.query}", headers={"Accept": lab.ACCEPT})
                    answer = connection.getresponse()
                    answer.read()
                    assert answer.status == 200, answer.status
                connection.close()
                asked = upstream.requests()
                heads, gets = count(asked, "HEAD", "manifest"), count(asked, "GET", "manifest")
                rows.append([kind.title, heads, gets])
                if kind is servers.Entrepot:
                    page.counted("HEADs and GETs upstream within the tag's freshness", f"{heads}, {gets}", "at most 1, 1", heads <= 1 and gets == 1)
    page.text("Each server began empty; the tag is believed for 5 minutes by ours, which is its default. A GET of a manifest is what Docker Hub's limit counts.")
    page.table(["HEADs upstream", "GETs upstream (counted pulls)"], rows)
    return page


# ---- a whole image --------------------------------------------------------------------------------------------------


@scene("cold-image", "containerd pulls an image nobody has yet, through us and directly", ("docker-registry", "containerd", "ctr"), ("registry",), minutes=6, quick=False, gigabytes=4)
def cold_image(bench):
    if os.geteuid() != 0:
        raise SystemExit("cold-image: containerd needs root")
    page = Page("A cold image through containerd")
    everyone = ["direct", *available((servers.Entrepot, servers.DockerRegistry, servers.Distribution))]
    titles = ["direct", *(kind.title for kind in everyone[1:])]
    layers = [noise(f"layer {number}", size * MIB) for number, size in enumerate(bench.pick((4, 2), (40, 24, 16, 8, 4, 2)))]
    samples = Samples()
    lines = {"loopback": (0, 0), "50 ms, 20 MB/s": (50, 20_000_000)}
    rounds = bench.rounds(2)
    with Registry("docker-registry", bench.work) as upstream, servers.Containerd(bench.work) as containerd:
        lab.push_image(upstream, NAME, layers, "amd64", tag="1")
        reference = f"docker.io/{NAME}:1"
        containerd.pull(reference, upstream.address)  # Not counted: the first pull reads everybody's code from the disk.
        for line, (milliseconds, rate) in lines.items():
            with Relay(upstream.address, milliseconds, rate) as relay:
                source = relay.address if milliseconds else upstream.address
                for number in range(rounds):
                    for kind in bench.turns(everyone, number):
                        with bench.trying(kind):
                            if kind == "direct":
                                bench.room(512 * MIB)
                                seconds = containerd.pull(reference, source)
                            else:
                                with kind(bench.work, source) as server:
                                    bench.room(512 * MIB)
                                    seconds = containerd.pull(reference, server.address)
                        title = kind if kind == "direct" else kind.title
                        if title not in bench.failed:
                            samples.add(line, title, seconds)
                            bench.say(f"{line}, {title}: {seconds:.2f} s")
    for line in lines:
        page.at_most(f"{line}: time, of the direct pull's", samples.median(line, "entrepot") / samples.median(line, "direct"), 1.05)
    page.text(
        f"`ctr images pull --hosts-dir … --snapshotter native` of an image of {len(layers)} layers, {sum(len(data) for data, _ in layers) / MIB:.0f} MiB that do\n"
        "not compress, with unpacking; an empty cache and an empty containerd each time. Once everything is on the loopback\n"
        "address, once the upstream is behind a line of 50 ms (there and back) and 20 MB/s, the same line for the direct pull.\n"
        "The upstream is `docker-registry`.\n\n" + "- direct: containerd asks the upstream itself\n" + notes(everyone[1:])
    )
    page.chart(charts.bars(bench.results, "cold-image", "A cold image through containerd", "seconds", samples, [(line, line, None) for line in lines], titles), "seconds")
    rows = []
    for line in lines:
        rows += [samples.row(line, titles, label=f"{line}, s"), samples.ratios(line, titles, "direct", "÷ direct")]
    page.table(titles, rows)
    return page


@scene("slow-upstream", "a cold blob from an upstream 50 ms away, 20 MB/s", ("docker-registry",), ("registry", "zot"), minutes=5)
def slow_upstream(bench):
    size = bench.pick(4, 30) * MIB
    page = Page("A slow upstream")
    everyone = ["direct", *available(servers.CACHES)]
    titles = ["direct", *(kind.title for kind in everyone[1:])]
    samples = Samples()
    rounds = bench.rounds(3)
    with Registry("docker-registry", bench.work) as upstream:
        digest = blob_in(upstream, size)
        another = blob_in(upstream, size - 1)
        with Relay(upstream.address, 50, 20_000_000) as relay:
            for at_once in (1, 4):
                for number in range(rounds):
                    for kind in bench.turns(everyone, number):
                        with bench.trying(kind):
                            if kind == "direct":
                                told = clients.fetch(f"http://{relay.address}/v2/{NAME}/blobs/{digest}", at_once)
                            else:
                                with kind(bench.work, relay.address) as server:
                                    told = clients.fetch(server.url(f"blobs/{digest}"), at_once)
                                    if at_once == 1:
                                        later = clients.fetch(server.url(f"blobs/{another}"))
                                        samples.add("first, later", kind.title, max(later["first"]))
                                        samples.add("total, later", kind.title, later["total"])
                            title = kind if kind == "direct" else kind.title
                            samples.add(f"first, {at_once}", title, max(told["first"]))
                            samples.add(f"total, {at_once}", title, told["total"])
                            if kind == "direct" and at_once == 1:
                                samples.add("first, later", title, told["first"][0])
                                samples.add("total, later", title, told["total"])
                            bench.say(f"{at_once} at once, {title}: first {max(told['first']):.3f} s, all {told['total']:.2f} s")
    direct = samples.median("total, 1", "direct")
    first = samples.median("first, 1", "direct")
    for key, words in (("1", "the first blob of a server just started"), ("later", "the next blob")):
        page.at_most(f"{words}: total, of direct's", samples.median(f"total, {key}", "entrepot") / direct, 1.05)
        page.at_most(f"{words}: first byte after direct's, of direct's total", (samples.median(f"first, {key}", "entrepot") - first) / direct, 0.05)
    page.text(
        f"A blob of {size // MIB} MiB, an empty cache each time. Upstream is `docker-registry` behind a line that takes 50 ms there and\n"
        "back, once more for a new connection, and lets 20 MB/s through for all connections together. A cache that asks for the\n"
        "blob's HEAD first, or for `/v2/`, pays a round trip for each. Each cache is just started, then asked for one blob by one\n"
        "client and for another one after it; direct is the same number in both rows.\n\n" + "- direct: the upstream over the same line\n" + notes(everyone[1:])
    )
    page.chart(
        charts.bars(
            bench.results, "slow-upstream", f"A blob of {size // MIB} MiB over 50 ms, 20 MB/s", "seconds", samples,
            [("total, 1", "the first blob, 1 client", 1.05 * direct), ("total, later", "the next blob, 1 client", 1.05 * direct), ("total, 4", "4 clients at once", None)], titles,
        ),
        "seconds",
    )
    rows = []
    for key, words in (("1", "first blob"), ("later", "next blob"), ("4", "4 clients")):
        rows.append(samples.row(f"first, {key}", titles, 3, f"{words}: first byte (slowest client), s"))
        rows.append(samples.row(f"total, {key}", titles, 3, f"{words}: all done, s"))
        rows.append(samples.ratios(f"total, {key}", titles, "direct", "÷ direct"))
    page.table(titles, rows)
    return page
