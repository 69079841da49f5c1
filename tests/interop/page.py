"""What a browser makes of the page of `entrepot serve`: Chromium by chromedriver, judged by axe-core.

Pictures of every page, light and dark, wide and narrow, lie in work/page afterwards.
"""

import base64
import contextlib
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from lab import (
    ENTREPOT,

    digest_of,
    end_cleanly,
    environment,
    free_port,
    layer,
    push_artifact,
    push_attestation,
    push_image,
    push_index,
    work_directory,
)
from scenarios import HERE, Skip, attempt, close

PICTURES = HERE / "work/page"
AXE = HERE / "work/axe.min.js"
WIDTHS = (1600, 360)
SCHEMES = ("light", "dark")
EVIL = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"


# ---- a browser -----------------------------------------------------------------------------------------------------


class Browser:
    """Chromium, driven by the WebDriver protocol over HTTP."""

    def __init__(self, directory, javascript=True):
        for program in ("chromium", "chromedriver"):
            if not shutil.which(program):
                raise Skip(f"no {program} on this machine (Debian: chromium, chromium-driver)")
        self.port = free_port()
        self.log = open(directory / "chromedriver.log", "ab")
        self.profile = directory / f"chromium-{self.port}"
        self.javascript = javascript

    def __enter__(self):
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={self.port}"], stdout=self.log, stderr=self.log, env=environment()
        )
        for _ in range(200):
            with contextlib.suppress(OSError, KeyError):
                if self.ask("GET", "/status")["ready"]:
                    break
            time.sleep(0.1)
        options = {
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
                "--disable-quic", f"--user-data-dir={self.profile}",
            ],
            "prefs": {} if self.javascript else {"profile.managed_default_content_settings.javascript": 2},
        }
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.session = f"/session/{made['sessionId']}"
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.ask("DELETE", self.session)
        self.driver.send_signal(signal.SIGTERM)
        try:
            self.driver.wait(20)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.log.close()

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        data = None if method == "GET" else json.dumps(body or {})
        connection.request(method, path, data, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise AssertionError(f"{answer['error']}: {answer['message'][:400]}")
        return answer

    def go(self, address):
        self.ask("POST", f"{self.session}/url", {"url": address})

    def run(self, script, *arguments):
        return self.ask("POST", f"{self.session}/execute/sync", {"script": script, "args": list(arguments)})

    def wait_for(self, script, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            found = self.run(script)
            if found:
                return found
            assert time.monotonic() < deadline, f"waited in vain for {script}"
            time.sleep(0.1)

    def devtools(self, command, **parameters):
        return self.ask("POST", f"{self.session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def look(self, width, scheme):
        """From now on as on a screen of that width, by day or by night."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=900 if width > 600 else 800,
            deviceScaleFactor=1, mobile=width < 600,
        )
        self.devtools(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}],
        )

    def picture(self, name):
        PICTURES.mkdir(parents=True, exist_ok=True)
        taken = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        (PICTURES / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))

    def press(self, *keys):
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", f"{self.session}/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def new_tab(self):
        made = self.ask("POST", f"{self.session}/window/new", {"type": "tab"})
        self.ask("POST", f"{self.session}/window", {"handle": made["handle"]})


TAB, ENTER = "\ue004", "\ue007"


# ---- an upstream ---------------------------------------------------------------------------------------------------


class Upstream:
    """A registry with a quota; what is called slow comes for as long as the test wants."""

    def __init__(self, broken=False):
        self.broken = broken
        self.blobs, self.manifests = {}, {}
        self.slow, self.pulls = {}, 100
        self.go_on = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_HEAD(self):
                self.do_GET()

            def do_GET(self):
                found = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/(.+)", self.path.split("?")[0])
                if not found:
                    return self.answer(200 if self.path == "/v2/" else 404, b"{}", "application/json")
                name, kind, reference = found.groups()
                if kind == "blobs":
                    data = outer.blobs.get(reference)
                    return self.answer(200 if data is not None else 404, data or b"", "application/octet-stream", reference)
                if outer.broken:
                    body = {"errors": [{"code": "UNKNOWN", "message": EVIL}]}
                    return self.answer(500, json.dumps(body).encode(), "application/json")
                media_type, data = outer.manifests.get((name, reference), (None, None))
                if data is None:
                    return self.answer(404, b"{}", "application/json")
                outer.pulls -= self.command == "GET"
                return self.answer(200, data, media_type)

            def answer(self, status, data, media_type, reference=None):
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Docker-Content-Digest", digest_of(data))
                self.send_header("RateLimit-Limit", "100;w=21600")
                self.send_header("RateLimit-Remaining", f"{outer.pulls};w=21600")
                self.end_headers()
                if self.command == "HEAD":
                    return
                with contextlib.suppress(OSError):
                    self.send(data, reference)

            def send(self, data, reference):
                if reference in outer.slow:
                    part = int(len(data) * outer.slow[reference])
                    self.wfile.write(data[:part])
                    self.wfile.flush()
                    outer.go_on.wait(300)
                    data = data[part:]
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()

    def push_blob(self, _, data):
        self.blobs[digest_of(data)] = data
        return digest_of(data)

    def push_manifest(self, repository, data, media_type, tag=None):
        data = data if isinstance(data, bytes) else json.dumps(data, indent=2).encode()
        for reference in filter(None, (digest_of(data), tag)):
            self.manifests[repository, reference] = media_type, data
        return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}

    def image(self, repository, tag, size, platforms=("amd64", "arm64")):
        entries = []
        for architecture in platforms:
            files = {"bin/app": f"{repository}{architecture}".encode(), "usr/share/data": os.urandom(size)}
            entries.append(push_image(self, repository, [layer(files)], architecture))
        entries.append(push_attestation(self, repository, entries[0]))
        return push_index(self, repository, entries, tag)


# ---- the server ----------------------------------------------------------------------------------------------------


class Server:
    def __init__(self, directory, upstream, broken):
        self.directory = directory
        self.port = free_port()
        self.store = directory / "store"
        self.settings = directory / "proxy.yaml"
        self.settings.write_text(
            json.dumps(
                {
                    "listen": f"127.0.0.1:{self.port}",
                    "cache": {"directory": str(self.store), "maxSize": "64MiB"},
                    "registries": {
                        "docker.io": {"endpoints": [f"http://{upstream.address}"]},
                        "quay.io": {"endpoints": [f"http://{broken.address}"]},
                        "ghcr.io": {"endpoints": [f"http://{upstream.address}"]},
                    },
                }
            )
        )

    def __enter__(self):
        self.log = open(self.directory / "serve.log", "ab")
        self.process = subprocess.Popen(
            [ENTREPOT, "serve", "-c", self.settings], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env=environment(),
        )
        for _ in range(600):
            assert self.process.poll() is None, (self.directory / "serve.log").read_text()
            with contextlib.suppress(OSError):
                if self.get("/readyz")[0] == 200:
                    return self
            time.sleep(0.1)
        raise AssertionError("entrepot serve does not answer")

    def __exit__(self, *_):
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.stopping = time.monotonic() - began

    def send(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        read = answer.status, answer.read(), answer.headers
        connection.close()
        return read

    def get(self, path, **headers):
        return self.send("GET", path, **headers)

    def page(self, path):
        return f"http://localhost:{self.port}{path}"

    def pull(self, name, reference, parts=True):
        status, body, headers = self.get(f"/v2/{name}/manifests/{reference}", Accept="*/*")
        if status == 200 and parts:
            document = json.loads(body)
            for entry in document.get("manifests", []):
                self.pull(name, entry["digest"])
            for part in [document.get("config"), *document.get("layers", [])]:
                if part:
                    self.get(f"/v2/{name}/blobs/{part['digest']}")
        return status

    def push_blob(self, repository, data):
        status, body, _ = self.send("POST", f"/v2/{repository}/blobs/uploads/?digest={digest_of(data)}", data)
        assert status == 201, body
        return digest_of(data)

    def push_manifest(self, repository, data, media_type, tag=None):
        data = data if isinstance(data, bytes) else json.dumps(data, indent=2).encode()
        status, body, _ = self.send(
            "PUT", f"/v2/{repository}/manifests/{tag or digest_of(data)}", data, Content_Type=media_type
        )
        assert status == 201, body
        return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}

    def report(self, mirror, when, images, trigger="schedule", seconds=7):
        folder = self.store / "mirrors" / mirror
        folder.mkdir(parents=True, exist_ok=True)
        ended = when[:-3] + f"{seconds:02d}Z"
        (folder / f"{when.replace(':', '-')}.json").write_text(
            json.dumps({"started": when, "ended": ended, "trigger": trigger, "images": images, "requests": {}, "pulls": {}})
        )


def furnish(server, upstream):
    """A store as a team has it after a morning's work."""
    for name, tag, size in (
        ("library/busybox", "1.36", 700_000),
        ("library/redis", "7.4", 1_900_000),
        ("library/postgres", "17.2", 4_000_000),
        ("grafana/grafana", "12.1.0", 5_000_000),
        ("bitnami/os-shell", "12", 900_000),
    ):
        index = upstream.image(name, tag, size)
        if name == "library/redis":
            push_index(upstream, name, json.loads(upstream.manifests[name, tag][1])["manifests"], "latest")
        server.pull(f"docker.io/{name}", tag)
        for _ in range(3):
            server.pull(f"docker.io/{name}", tag)
        if name == "library/redis":
            server.pull("docker.io/library/redis", "latest")
        assert index
    upstream.image("fluxcd/source-controller", "v1.7.0", 1_200_000)
    server.pull("ghcr.io/fluxcd/source-controller", "v1.7.0")
    entries = [push_image(server, "team/shop", [layer({"bin/shop": os.urandom(300_000)})], name) for name in ("amd64", "arm64")]
    index = push_index(server, "team/shop", entries, "2.1.0")
    push_artifact(server, "team/shop", "application/spdx+json", {"application/spdx+json": b"{}"}, subject=index)
    push_artifact(server, "team/shop", "application/vnd.dev.sigstore.bundle.v0.3+json", {"application/json": b"{ }"}, subject=index)
    for _ in range(3):
        assert server.pull("quay.io/acme/broken", digest_of(b"broken")) >= 400
    images = [
        {"source": f"docker.io/library/{name}", "outcome": outcome, "digest": digest_of(name.encode())}
        for name, outcome in (("busybox:1.36", "unchanged"), ("redis:7.4", "copied"), ("postgres:17.2", "unchanged"))
    ]
    server.report("images", "2026-11-27T04:00:00Z", images)
    refused = {"source": "docker.io/bitnami/os-shell:12", "outcome": "refused", "error": f"linux/arm64 is not there {EVIL}"}
    server.report("images", "2026-11-27T10:00:00Z", [*images, refused], seconds=19)
    server.report("charts", "2026-11-27T09:30:00Z", images[:1], trigger="hook")


def pages():
    return {
        "overview": "/",
        "images": "/images",
        "image": "/images/docker.io/library/redis",
        "manifest": "/images/team/shop/manifests/2.1.0",
        "upstreams": "/upstreams",
        "fetches": "/fills",
        "mirrors": "/mirrors",
        "runs": "/mirrors/images",
        "held": "/held",
        "store": "/store",
        "missing": "/images/no/such",
    }


def start_slow(server, upstream):
    """Two fetches that stand still until the upstream goes on."""
    threads = []
    for name, part in (("docker.io/acme/large", 0.35), ("docker.io/acme/larger", 0.8)):
        data = os.urandom(6_000_000)
        upstream.push_blob(name, data)
        upstream.slow[digest_of(data)] = part
        thread = threading.Thread(target=server.get, args=(f"/v2/{name}/blobs/{digest_of(data)}",), daemon=True)
        thread.start()
        threads.append(thread)
    return threads


# ---- the cases -----------------------------------------------------------------------------------------------------


def every_page(server, upstream, directory):
    furnish(server, upstream)
    threads = start_slow(server, upstream)
    judge = AXE.read_text() if AXE.exists() else None
    if judge is None:
        print("!!! axe-core is not here: nothing judges what screen readers get", flush=True)
    with Browser(directory) as browser:
        for width in WIDTHS:
            for scheme in SCHEMES:
                browser.look(width, scheme)
                for name, path in pages().items():
                    browser.go(server.page(path))
                    browser.wait_for("return document.readyState === 'complete'")
                    if name == "fetches":
                        browser.wait_for("return document.querySelectorAll('progress').length === 2")
                    browser.picture(f"{name}-{width}-{scheme}")
                    case = f"{name} at {width}, {scheme}"
                    wide = browser.run("return document.documentElement.scrollWidth - window.innerWidth")
                    assert wide <= 0, f"{case}: {wide} pixels too wide"
                    assert browser.run("return window.hacked === undefined && !document.querySelector('main img')"), case
                    if judge:
                        # The script is the test's own; the page's policy holds for what pages load.
                        browser.run(judge + ";window.axe = axe;")
                        found = browser.ask(
                            "POST", f"{browser.session}/execute/async",
                            {"script": "axe.run().then(arguments[0])", "args": []},
                        )
                        told = [
                            f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']][:5]}"
                            for each in found["violations"]
                        ]
                        assert not told, f"{case}: {told}"
        browser.look(1100, "light")
        browser.go(server.page("/"))
        browser.picture("readme")
        browser.look(1600, "light")
        browser.go(server.page("/mirrors/images"))
        assert EVIL in browser.run("return document.body.textContent"), "hostile text is not shown as text"
        browser.go(server.page("/upstreams"))
        assert "onerror" in browser.run("return document.body.textContent")
    upstream.go_on.set()
    for thread in threads:
        thread.join(60)


def by_keyboard(server, upstream, directory):
    upstream.image("library/busybox", "1.36", 1000)
    server.pull("docker.io/library/busybox", "1.36")
    with Browser(directory) as browser:
        browser.look(1600, "light")
        browser.go(server.page("/"))
        browser.press(TAB)
        assert browser.run("return document.activeElement.className") == "skip"
        browser.press(ENTER)
        assert browser.run("return location.hash") == "#main"
        browser.go(server.page("/images"))
        browser.run("document.querySelector('tbody a').focus()")
        browser.press(ENTER)
        browser.wait_for("return location.pathname === '/images/docker.io/library/busybox'")
        browser.run("document.querySelector('tbody a').focus()")
        browser.press(ENTER)
        browser.wait_for("return location.pathname.endsWith('/manifests/1.36')")
        # What cannot be seen whole can be scrolled by keys.
        assert browser.run("return [...document.querySelectorAll('.line code')].every(e => e.tabIndex === 0)")


def live(server, upstream, directory):
    with Browser(directory) as browser:
        browser.look(1600, "light")
        browser.go(server.page("/fills"))
        browser.wait_for("return document.body.textContent.includes('None now')")
        browser.run("window.before = 1")
        threads = start_slow(server, upstream)
        browser.wait_for("return document.querySelectorAll('progress').length === 2")
        upstream.go_on.set()
        browser.wait_for("return document.body.textContent.includes('None now')")
        assert browser.run("return window.before") == 1, "the page was loaded again"
        for thread in threads:
            thread.join(60)
        browser.go(server.page("/images"))
        browser.run("const q = document.getElementById('q'); q.value = 'nothing-like-it'; q.dispatchEvent(new Event('input', {bubbles: true}))")
        browser.wait_for("return document.getElementById('live').textContent.includes('with this in its name')")


def many_tabs(server, upstream, directory):
    with Browser(directory) as browser:
        for tab in range(9):
            if tab:
                browser.new_tab()
            browser.go(server.page("/"))
            browser.wait_for("return document.readyState === 'complete' && document.querySelector('.big') !== null", 30)
        upstream.image("library/busybox", "1.36", 1000)
        server.pull("docker.io/library/busybox", "1.36")
        browser.wait_for("return !document.body.textContent.includes('Nothing was pulled yet')")


def without_javascript(server, upstream, directory):
    upstream.image("library/busybox", "1.36", 1000)
    server.pull("docker.io/library/busybox", "1.36")
    with Browser(directory, javascript=False) as browser:
        browser.look(360, "light")
        browser.go(server.page("/images?q=busy"))
        source = browser.ask("GET", f"{browser.session}/source")
        assert "docker.io/library/busybox" in source, source
        link = browser.ask("POST", f"{browser.session}/element", {"using": "css selector", "value": "tbody a"})
        browser.ask("POST", f"{browser.session}/element/{next(iter(link.values()))}/click")
        assert "linux/arm64" in browser.ask("GET", f"{browser.session}/source")
        browser.picture("without-javascript")


CASES = {
    "page: every page, light and dark, wide and narrow": every_page,
    "page: by keyboard alone": by_keyboard,
    "page: what changes is shown without a reload": live,
    "page: nine tabs share a stream": many_tabs,
    "page: without JavaScript": without_javascript,
}


def trials(words):
    for name, function in CASES.items():

        def action(function=function):
            with work_directory("entrepot-page-") as directory:
                with Upstream() as upstream, Upstream(broken=True) as broken, Server(directory, upstream, broken) as server:
                    function(server, upstream, directory)
                assert server.stopping < 8, f"{server.stopping:.1f} s to stop"

        yield attempt(name, words, function, action)


if __name__ == "__main__":
    end_cleanly()
    sys.exit(close(trials(sys.argv[1:])))
