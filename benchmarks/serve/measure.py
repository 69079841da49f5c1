"""Measures `entrepot serve` and the registries and servers it stands beside, one after the other, in the same rounds.

What is counted comes from the access log of the upstream registry. Times are the clients' own.
"""

import argparse
import concurrent.futures
import datetime
import hashlib
import http.client
import os
import pathlib
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import lab
from lab import Registry, count, digest_of, environment, free_port, push_image
from report import machine, spread, table, version_of, wait_until_quiet, work_directory

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
MIB = 1 << 20
NAME = "library/bench"
LARGE = 200 * MIB
SMALL = {"1 KiB": 1024, "1 MiB": MIB}


# ---- who serves ----------------------------------------------------------------------------------------------------


class Server:
    """A program that listens; its memory and processor time are read from /proc, workers included."""

    title = note = ""
    query = ""

    def __init__(self, work, upstream):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="server-", dir=work))
        self.port = free_port()
        self.upstream = upstream
        self.process = None

    @classmethod
    def available(cls):
        return True

    def command(self):
        raise NotImplementedError

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/v2/{NAME}/{path}{self.query}"

    def start(self):
        log = open(self.directory / "log", "wb")
        began = time.monotonic()
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env=environment(OTEL_TRACES_EXPORTER="none", OTEL_METRICS_EXPORTER="none", OTEL_LOGS_EXPORTER="none"),
        )
        log.close()
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request("GET", "/v2/")
                connection.getresponse().read()
                connection.close()
                self.ready = time.monotonic() - began
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > 60:
                    raise AssertionError(f"{self.title} did not start: {(self.directory / 'log').read_text()}")
                time.sleep(0.003)

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def processes(self):
        """Those of its session: the launcher becomes the server, nginx has workers."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(stat[3]) == self.process.pid:
                    found.append((entry, stat))
        return found

    def resident(self, key="VmRSS"):
        """MiB."""
        total = 0
        for entry, _ in self.processes():
            line = re.search(rf"{key}:\s+(\d+)", (entry / "status").read_text())
            total += int(line[1]) if line else 0
        return total / 1024

    def processor(self):
        """Seconds used so far."""
        return sum(int(stat[11]) + int(stat[12]) for _, stat in self.processes()) / os.sysconf("SC_CLK_TCK")


class Entrepot(Server):
    title, note = "entrepot", "`./entrepot serve -c proxy.yaml`, one upstream, asked with `?ns=`"
    query = "?ns=docker.io"
    store = None

    def command(self):
        (self.directory / "proxy.yaml").write_text(
            f"listen: 127.0.0.1:{self.port}\ncache: {{ directory: {self.store or self.directory / 'store'} }}\n"
            f"registries: {{ docker.io: {{ endpoints: ['http://{self.upstream.address}'] }} }}\n"
        )
        return [str(lab.ENTREPOT), "serve", "-c", str(self.directory / "proxy.yaml")]


class DockerRegistry(Server):
    title, note = "docker-registry", "`proxy: remoteurl`, descriptors cached in memory, no access log"
    program = "docker-registry"

    @classmethod
    def available(cls):
        return shutil.which(cls.program) is not None

    def command(self):
        proxy = f"proxy:\n  remoteurl: http://{self.upstream.address}\n" if self.upstream else ""
        (self.directory / "config.yml").write_text(
            "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\n"
            f"storage:\n  filesystem:\n    rootdirectory: {self.directory}/store\n  cache:\n    blobdescriptor: inmemory\n"
            f"http:\n  addr: 127.0.0.1:{self.port}\n" + proxy
        )
        return [shutil.which(self.program), "serve", str(self.directory / "config.yml")]


class Distribution(DockerRegistry):
    title, note = "distribution 3", "the same configuration"
    program = "registry"


class Nginx(Server):
    title, note = "nginx", "the same bytes as plain files: `sendfile`, open files cached, two workers, no access log"

    def __init__(self, work, upstream, files):
        super().__init__(work, upstream)
        self.files = files

    def command(self):
        root = self.directory / "root"
        for path, data in self.files.items():
            target = root / "v2" / NAME / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        (root / "v2" / "index.html").write_text("{}")
        (self.directory / "nginx.conf").write_text(
            f"{'user root; ' if os.getuid() == 0 else ''}daemon off; worker_processes 2; pid {self.directory}/pid; error_log {self.directory}/error.log;\n"
            "events { worker_connections 4096; }\n"
            "http { access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000;\n"
            f"  client_body_temp_path {self.directory}/body; proxy_temp_path {self.directory}/proxy;\n"
            f"  fastcgi_temp_path {self.directory}/fastcgi; uwsgi_temp_path {self.directory}/uwsgi; scgi_temp_path {self.directory}/scgi;\n"
            "  open_file_cache max=1000; default_type application/vnd.oci.image.manifest.v1+json;\n"
            f"  server {{ listen 127.0.0.1:{self.port} reuseport backlog=4096; root {root};\n"
            "    location / { add_header Docker-Distribution-Api-Version registry/2.0;\n"
            f"      add_header Docker-Content-Digest {'sha256:' + '0' * 64}; }} }} }}\n"
        )
        return [shutil.which("nginx"), "-p", str(self.directory), "-c", str(self.directory / "nginx.conf")]


# ---- who asks ------------------------------------------------------------------------------------------------------


def download(url, clients, size):
    """First byte and total of each of some clients that start together, in seconds."""
    began = time.monotonic()
    running = [
        subprocess.Popen(
            ["curl", "-sS", "-H", f"Accept: {lab.ACCEPT}", "-o", "/dev/null", "-w", "%{http_code} %{size_download} %{time_starttransfer} %{time_total}", url],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(clients)
    ]
    lines = [client.communicate(timeout=300) for client in running]
    total = time.monotonic() - began
    first = []
    for out, err in lines:
        code, got, start, _ = out.split()
        assert code == "200" and int(got) == size, (out, err)
        first.append(float(start))
    return first, total


def wrk(url, connections, seconds):
    """Requests and bytes a second, and the 99th percentile in milliseconds. (wrk cannot measure HEAD: it waits for bodies.)"""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
    done = lab.must(*command, "-H", "Accept: application/vnd.oci.image.manifest.v1+json", url, timeout=seconds + 120)
    assert "Non-2xx" not in done.out, done.out
    number = float(re.search(r"Requests/sec:\s+([\d.]+)", done.out)[1])
    amount, unit = re.search(r"Transfer/sec:\s+([\d.]+)(\w+)", done.out).groups()
    scale = {"B": 1, "KB": 1 << 10, "MB": MIB, "GB": 1 << 30}[unit]
    slow, what = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.out).groups()
    return number, float(amount) * scale, float(slow) * {"us": 0.001, "ms": 1, "s": 1000}[what]


# ---- the scenes ----------------------------------------------------------------------------------------------------


def cold(options, work, upstream, digest, contenders):
    text = f"## A cold blob of {LARGE // MIB} MiB, several clients at once\n\n"
    rows = []
    for clients in (1, 4, 16, 64):
        direct = [download(f"http://{upstream.address}/v2/{NAME}/blobs/{digest}", clients, LARGE) for _ in range(options.rounds)]
        rows.append([f"{clients}, direct", "–", "–", *times(direct), "–"])
        for kind in contenders:
            runs, gets, fetched, peak = [], [], [], []
            for _ in range(options.rounds):
                with kind(work, upstream) as server:
                    upstream.mark()
                    runs.append(download(server.url(f"blobs/{digest}"), clients, LARGE))
                    asked = upstream.requests()
                    gets.append(count(asked, "GET", "blob"))
                    fetched.append(sum(one.length for one in asked if one.method == "GET") / LARGE)
                    peak.append(server.resident("VmHWM"))
            rows.append([f"{clients}, {kind.title}", spread(gets, 0), f"{statistics.median(fetched):.1f}", *times(runs), spread(peak, 0)])
            print("cold", rows[-1], flush=True)
    return text + table(
        rows,
        ["upstream GETs", "bytes from upstream ÷ blob", "first byte, median client, s", "first byte, slowest client, s", "all clients done, s", "peak resident MiB"],
    ) + "\n"


def times(runs):
    return [
        spread([statistics.median(first) for first, _ in runs], 3),
        spread([max(first) for first, _ in runs], 3),
        spread([total for _, total in runs]),
    ]


def warm(options, work, upstream, contents, contenders):
    """Everything that is served from the store, and what stays in memory after it."""
    results = {}
    files = {"manifests/1": contents["manifest"], f"manifests/{contents['manifest digest']}": contents["manifest"]}
    files |= {f"blobs/{digest_of(data)}": data for data in contents["blobs"].values()}
    everyone = contenders + [Nginx]
    servers = {kind.title: kind(work, upstream, files) if kind is Nginx else kind(work, upstream) for kind in everyone}
    try:
        for title, server in servers.items():
            server.start()
            for path in files:
                for _ in range(2):
                    download(server.url(path), 1, len(files[path]))
        scenes = {"manifest by tag, requests/s": ("manifests/1", 32),
                  "manifest by digest, requests/s": (f"manifests/{contents['manifest digest']}", 32)}
        for name, data in contents["blobs"].items():
            scenes[f"blob of {name}, MiB/s"] = (f"blobs/{digest_of(data)}", 32 if len(data) < 4096 else 4)
        for scene, (path, connections) in scenes.items():
            for number in range(-1, options.rounds):
                for title, server in servers.items():
                    used = server.processor()
                    rate, transfer, slow = wrk(server.url(path), connections, options.seconds)
                    used = server.processor() - used
                    # The round before the first warms everybody up and is not counted.
                    if number >= 0:
                        gib = transfer * options.seconds / (1 << 30)
                        results.setdefault((scene, title), []).append((rate, transfer, slow, used / gib))
                print("warm", scene, number, {title: results.get((scene, title), [None])[-1] for title in servers}, flush=True)
        memory = {title: (server.resident(), server.resident("VmHWM")) for title, server in servers.items()}
    finally:
        for server in servers.values():
            server.stop()
    titles = list(servers)
    rows = []
    for scene, (path, connections) in scenes.items():
        blob = scene.startswith("blob")
        pick = [results[scene, title] for title in titles]
        rows.append([f"{scene}, {connections} connections"] + [spread([one[1] / MIB if blob else one[0] for one in runs], 0) for runs in pick])
        base = statistics.median(one[1 if blob else 0] for one in results[scene, "nginx"])
        rows.append(["÷ nginx"] + [f"{statistics.median(one[1 if blob else 0] for one in runs) / base:.2f}" for runs in pick])
        rows.append(["99th percentile, ms"] + [f"{statistics.median(one[2] for one in runs):.2f}" for runs in pick])
        if blob:
            rows.append(["processor seconds for a GiB"] + [f"{statistics.median(one[3] for one in runs):.2f}" for runs in pick])
    rows.append(["resident MiB after all of this (peak)"] + [f"{now:.0f} ({peak:.0f})" for now, peak in memory.values()])
    return "## What is here already\n\n" + table(rows, titles) + "\n"


def freshness(work, upstream, contenders):
    rows = []
    for kind in contenders:
        with kind(work, upstream) as server:
            upstream.mark()
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            for _ in range(1000):
                connection.request("GET", f"/v2/{NAME}/manifests/1{server.query}", headers={"Accept": lab.ACCEPT})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200
            asked = upstream.requests()
            rows.append([kind.title, str(count(asked, "HEAD", "manifest")), str(count(asked, "GET", "manifest"))])
    return "## 1,000 pulls of one tag within its freshness\n\n" + table(rows, ["HEADs upstream", "GETs upstream (counted pulls)"]) + "\n"


def push(options, work, contenders):
    rows = []
    generator = random.Random(5)
    small = [generator.randbytes(10_000) for _ in range(1000)]
    file = work / "large"
    with open(file, "wb") as out:
        digest = hashlib.sha256()
        for _ in range(options.push // 4):
            piece = generator.randbytes(4 * MIB)
            digest.update(piece)
            out.write(piece)
    for kind in contenders:
        seconds, large, peak = [], [], []
        for _ in range(options.rounds):
            with (kind(work, None) if kind is not Entrepot else kind(work, type("none", (), {"address": "127.0.0.1:1"}))) as server:
                began = time.monotonic()
                with concurrent.futures.ThreadPoolExecutor(8) as threads:
                    list(threads.map(lambda data: upload(server, data), small))
                seconds.append(time.monotonic() - began)
                began = time.monotonic()
                location = ask(server, "POST", "/v2/team/app/blobs/uploads/")[1]["Location"]
                location = re.sub(r"^https?://[^/]+", "", location)
                location += ("&" if "?" in location else "?") + f"digest=sha256:{digest.hexdigest()}"
                lab.must("curl", "-sSf", "-T", file, f"http://127.0.0.1:{server.port}{location}", timeout=300)
                large.append(time.monotonic() - began)
                peak.append(server.resident("VmHWM"))
        rows.append([kind.title, spread(seconds), spread(large), spread(peak, 0)])
        print("push", rows[-1], flush=True)
    file.unlink()
    return (
        "## Pushes\n\n" + table(rows, ["1,000 blobs of 10 kB, 8 at a time, s", f"one blob of {options.push} MiB, s", "peak resident MiB"])
        + "\nThe files are where the head of this page says. We sync each blob and its directory before the answer; the others do not.\n\n"
    )


def ask(server, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request(method, path, body=body)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    assert answer.status < 300, (answer.status, data)
    return answer.status, answer.headers


def upload(server, data):
    location = ask(server, "POST", "/v2/team/app/blobs/uploads/")[1]["Location"]
    location = re.sub(r"^https?://[^/]+", "", location)
    ask(server, "PUT", location + ("&" if "?" in location else "?") + "digest=" + digest_of(data), data)


def start(options, work, upstream, contenders):
    rows = []
    for kind in contenders:
        ready = []
        for _ in range(options.rounds + 2):
            with kind(work, upstream) as server:
                ready.append(server.ready)
        rows.append([kind.title, spread(ready, 3), "–"])
    store = work / "filled"
    for sequence in range(100_000):
        data = b"%d" % sequence
        name = hashlib.sha256(data).hexdigest()
        file = store / "blobs" / "sha256" / name[:2] / name
        if not file.parent.exists():
            file.parent.mkdir(parents=True)
        file.write_bytes(data)
    (store / "VERSION").write_text("entrepot store 1\n")
    ready, memory = [], []
    for _ in range(options.rounds):
        server = Entrepot(work, upstream)
        server.store = store
        with server:
            ready.append(server.ready)
            memory.append(server.resident())
    rows.append(["entrepot, 100,000 blobs in the store", spread(ready, 3), spread(memory, 0)])
    shutil.rmtree(store)
    return "## From the command to the first answer\n\n" + table(rows, ["seconds", "resident MiB then"]) + "\n"


# ---- counts only ---------------------------------------------------------------------------------------------------


def check(work):
    """What CI asks: how often upstream was asked. No times."""
    wrong = []
    with Registry("docker-registry", work) as upstream:
        contents = fill(upstream, 20 * MIB)
        large = digest_of(contents["blobs"]["20 MiB"])
        for clients in (1, 16, 64):
            with Entrepot(work, upstream) as server:
                upstream.mark()
                download(server.url(f"blobs/{large}"), clients, 20 * MIB)
                asked = upstream.requests()
                gets, sent = count(asked, "GET", "blob"), sum(one.length for one in asked if one.method == "GET")
                print(f"cold blob, {clients} clients: {gets} GET, {sent / 20 / MIB:.2f} of its bytes")
                if gets != 1 or sent != 20 * MIB:
                    wrong.append(f"cold blob, {clients} clients: {gets} GETs, {sent} bytes")
        page = freshness(work, upstream, [Entrepot])
        print(page)
        if "| entrepot | 1 | 1 |" not in page:
            wrong.append("1,000 pulls of a tag within its freshness are more than one HEAD and one GET upstream")
    for each in wrong:
        print("!!!", each)
    return 1 if wrong else 0


def fill(upstream, size):
    generator = random.Random(3)
    blobs = {name: generator.randbytes(length) for name, length in SMALL.items()}
    blobs[f"{size // MIB} MiB"] = generator.randbytes(size)
    for data in blobs.values():
        upstream.push_blob(NAME, data)
    image = push_image(upstream, NAME, [lab.layer({"a": b"x"})], "amd64", tag="1")
    return {"blobs": blobs, "manifest": upstream.manifest(NAME, image["digest"]), "manifest digest": image["digest"]}


def measure(options, work, contenders):
    load = wait_until_quiet(options.load, options.wait)
    text = (
        "# Serving, side by side\n\n"
        f"Written by `benchmarks/serve/run` on {datetime.date.today()}. {machine()}; load average at the start {load:.2f}.\n"
        f"{options.rounds} rounds; medians, with least and most in brackets. Clients (`curl`, `wrk`), servers and the upstream\n"
        "(`docker-registry`) share the processors and the loopback address; all files are in "
        f"{'memory (tmpfs)' if str(work).startswith('/dev/shm') else 'a temporary directory'}.\n\n"
        + "".join(f"- {kind.title}: {kind.note}\n" for kind in contenders + [Nginx])
        + "- "
        + "; ".join(
            f"{name}: {version_of(name)}" for name in ("entrepot", "docker-registry", "registry", "nginx", "wrk", "curl")
        )
        + "\n\n"
    )
    with Registry("docker-registry", work) as upstream:
        contents = fill(upstream, LARGE)
        large = digest_of(contents["blobs"][f"{LARGE // MIB} MiB"])
        scenes = {
            "cold": lambda: cold(options, work, upstream, large, contenders),
            "warm": lambda: warm(options, work, upstream, contents, contenders),
            "tags": lambda: freshness(work, upstream, contenders),
            "start": lambda: start(options, work, upstream, contenders),
            "push": lambda: push(options, work, contenders),
        }
        for name, scene in scenes.items():
            if not options.only or name in options.only.split(","):
                text += scene()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text)
    print(f"wrote {options.out}")
    return 0


def main():
    lab.end_cleanly()
    parser = argparse.ArgumentParser(prog="benchmarks/serve/run", description="entrepot serve beside docker-registry, distribution and nginx")
    parser.add_argument("--check", action="store_true", help="counts only; exits 1 when one is too high")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of each wrk run")
    parser.add_argument("--push", type=int, default=2048, metavar="MIB", help="size of the large push")
    parser.add_argument("--only", help="scenes, by commas: cold,warm,tags,start,push")
    parser.add_argument("--load", type=float, default=0.6, help="start when the load average is below this")
    parser.add_argument("--wait", type=float, default=10, metavar="MINUTES", help="and start after this long anyhow")
    parser.add_argument("--out", type=pathlib.Path, default=RESULTS / "serve.md")
    options = parser.parse_args()
    contenders = []
    for kind in (Entrepot, DockerRegistry, Distribution):
        if kind.available():
            contenders.append(kind)
        else:
            print(f"!!! NOT INSTALLED, LEFT OUT: {kind.title}", file=sys.stderr)
    built = lab.entrepot("--version")
    if built.code != 0:
        raise SystemExit(str(built))
    with work_directory(7) as work:
        return check(work) if options.check else measure(options, work, contenders)


if __name__ == "__main__":
    sys.exit(main())
