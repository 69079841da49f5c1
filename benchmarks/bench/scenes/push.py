"""Pushes: many small blobs, and one large one."""

from .. import charts, clients, servers
from ..images import MIB
from ..report import Page, Samples
from ..scene import available, notes, scene


@scene("push", "1,000 small blobs, and one of 2 GiB", (), ("docker-registry", "registry", "zot"), minutes=6, gigabytes=7)
def push(bench):
    kinds = available(servers.CACHES)
    titles = [kind.title for kind in kinds]
    page, samples = Page("Pushes"), Samples()
    small, large = bench.pick(100, 1000), bench.pick(64, 2048)
    for number in range(bench.rounds(3)):
        for kind in bench.turns(kinds, number):
            with bench.trying(kind), kind(bench.work) as server:
                told = clients.load("push", "-blobs", small, "-size", 10_000, "-parallel", 8, f"{server.base()}/v2/team/app")
                samples.add("small", kind.title, told["seconds"])
                samples.add("small p99", kind.title, told["p99"])
                samples.add("small peak", kind.title, server.resident("VmHWM"))
                bench.room(large * MIB * 5 // 4)
                used = server.processor()
                told = clients.load("push", "-blobs", 1, "-size", large * MIB, f"{server.base()}/v2/team/app")
                samples.add("large", kind.title, told["seconds"])
                samples.add("large processor", kind.title, server.processor() - used)
                samples.add("large peak", kind.title, server.resident("VmHWM"))
                bench.say(f"{kind.title}: {small} small {samples['small', kind.title][-1]:.2f} s, {large} MiB {told['seconds']:.2f} s")
    for what, words in (("small", f"{small} blobs of 10 kB"), ("large", f"one blob of {large} MiB")):
        best = samples.best(what, titles[1:])
        page.at_most(f"{words}: seconds, of the best peer", samples.median(what, "entrepot"), best[1] if best else None, " s", 2, best[0] if best else "")
    for peer in [title for title in ("distribution 3", "zot") if title in titles]:
        for what in ("small peak", "large peak"):
            page.at_most(f"peak memory after the {what.split()[0]} one{'s' if what[0] == 's' else ''}", samples.median(what, "entrepot"), samples.median(what, peer), " MiB", 0, peer)
    page.text(
        f"One client for all, eight at a time for the small ones, POST and PUT as containerd pushes; an empty server just started\n"
        "each time, so ours runs code that was not compiled yet. All but zot sync what they were\n"
        "sent before they answer (fsync calls for 100 blobs and 10 manifests: entrepot 561, docker-registry 1180, distribution 3 1080): here files\n"
        f"are in {'memory (tmpfs), where that costs nothing' if str(bench.work).startswith('/dev/shm') else 'a temporary directory on disk'}.\n\n" + notes(kinds)
    )
    panels = [("small", f"{small} blobs of 10 kB, seconds", None), ("large", f"one of {large} MiB, seconds", None), ("large peak", "peak resident MiB", None)]
    page.chart(charts.bars(bench.results, "push", "Pushes", "seconds, or MiB", samples, panels, titles), "seconds and memory")
    page.table(titles, [
        samples.row("small", titles, 2, f"{small} blobs of 10 kB, s"), samples.row("small p99", titles, 1, "one of them, 99th percentile, ms"),
        samples.row("small peak", titles, 0, "peak resident MiB after them"), samples.row("large", titles, 2, f"one blob of {large} MiB, s"),
        samples.row("large processor", titles, 2, "processor seconds for it"), samples.row("large peak", titles, 0, "peak resident MiB after it"),
    ])
    return page
