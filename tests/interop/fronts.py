"""Proxies that stand in front of registries and of `entrepot serve`, and one that stands in front of the world.

nginx and haproxy hold the certificate; what they were spoken to in, they say in their own logs.
"""

import contextlib
import http.client
import ipaddress
import os
import select
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time

from lab import Serve, digest_of, environment, free_port, layer, must, push_image, push_index
from scenarios import Skip, need, push_busybox, scenario

PAIRS = [("docker-registry", "distribution"), ("distribution", "docker-registry")]
NAME = "registry.example"
LARGE = 50 << 20


def certificate(directory):
    """A certificate authority (its file) and what it issued for the names of these cases, as haproxy reads it."""
    need("openssl")
    authority, key, leaf, pair = (directory / name for name in ("ca.pem", "ca.key", "leaf.pem", "pair.pem"))
    if pair.exists():
        return authority, pair
    fresh = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    must("openssl", "req", "-x509", *fresh, "-days", "2", "-subj", "/CN=lab", "-keyout", key, "-out", authority)
    names = f"subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost,DNS:{NAME}"
    leaf_key = directory / "leaf.key"
    request, extensions = directory / "leaf.csr", directory / "leaf.ext"
    extensions.write_text(f"{names}\nbasicConstraints=critical,CA:FALSE\n")
    must("openssl", "req", *fresh, "-subj", f"/CN={NAME}", "-keyout", leaf_key, "-out", request)
    must(
        "openssl", "x509", "-req", "-in", request, "-CA", authority, "-CAkey", key, "-CAcreateserial",
        "-days", "2", "-extfile", extensions, "-out", leaf,
    )  # fmt: skip
    pair.write_bytes(leaf.read_bytes() + leaf_key.read_bytes())
    return authority, pair


class Front:
    """nginx or haproxy with TLS in front of an address. Its log has a line for each request: HTTP version, verb, path, status."""

    def __init__(self, program, directory, backend, h2=True, host="127.0.0.1", to="1.1"):
        self.program, self.backend, self.h2, self.to = need(program), backend, h2, to
        self.port = free_port()
        self.authority, self.pair = certificate(directory)
        self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.directory = directory / f"{program}-{self.port}"
        self.directory.mkdir()
        self.log = self.directory / "front.log"
        self.process = None

    def nginx(self):
        place = self.directory
        (place / "logs").mkdir()
        temporary = "".join(f"  {kind}_temp_path {place}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        settings = place / "nginx.conf"
        settings.write_text(
            f"daemon off;\n{'user root;' if os.getuid() == 0 else ''}\npid {place}/pid;\nworker_processes 1;\n"
            "events { worker_connections 256; }\nhttp {\n"
            '  log_format spoken "$server_protocol $request_method $request_uri $status";\n'
            f"  access_log {self.log} spoken;\n{temporary}"
            f"  server {{\n    listen {self.address} ssl{' http2' if self.h2 else ''};\n"
            f"    ssl_certificate {self.pair};\n    ssl_certificate_key {self.pair};\n    client_max_body_size 0;\n"
            "    location / {\n"
            f"      proxy_pass http://{self.backend};\n      proxy_http_version {self.to};\n"
            "      proxy_set_header Host $http_host;\n      proxy_set_header X-Forwarded-Proto https;\n    }\n"
            f"    location /cache/ {{\n      proxy_pass http://{self.backend}/;\n      proxy_http_version {self.to};\n"
            "      proxy_set_header Host $http_host;\n    }\n  }\n}\n"
        )
        return ["nginx", "-p", place, "-e", place / "errors.log", "-c", settings]

    def haproxy(self):
        alpn = "h2,http/1.1" if self.h2 else "http/1.1"
        # To the server as the case wants it: HTTP/2 is agreed on within TLS.
        onward = " ssl verify none alpn h2" if self.to == "2" else ""
        settings = self.directory / "haproxy.cfg"
        settings.write_text(
            "global\n  log stdout format raw local0\n  maxconn 256\n"
            "defaults\n  mode http\n  log global\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n"
            '  log-format "%HV %HM %HU %ST"\n'
            f"frontend front\n  bind {self.address.replace('[', '').replace(']', '')} ssl crt {self.pair} alpn {alpn}\n"
            "  http-request set-header X-Forwarded-Proto https\n  default_backend behind\n"
            f"backend behind\n  server one {self.backend}{onward}\n"
        )
        return ["haproxy", "-db", "-f", settings]

    def __enter__(self):
        with open(self.log, "wb") as out, open(self.directory / "said.log", "wb") as said:
            self.process = subprocess.Popen(
                [str(word) for word in getattr(self, self.program)()],
                stdin=subprocess.DEVNULL, stdout=out, stderr=said, env=environment(),
            )  # fmt: skip
        host = self.address.rpartition(":")[0].strip("[]")
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection((host, self.port), 1):
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        said = (self.directory / "said.log").read_text()
        self.__exit__()
        raise AssertionError(f"{self.program} did not start: {said}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def spoken(self):
        """The versions of HTTP that were spoken to it, such as {"HTTP/2.0"}."""
        time.sleep(0.2)
        lines = self.log.read_text().splitlines()
        return {line.partition(" ")[0] for line in lines if line.startswith("HTTP/") and line.split()[-1] != "400"}


def reached(case, *addresses, ca=None):
    """A file that says https of addresses that are plain HTTP else, and perhaps whom to trust there."""
    trust = f", ca: {ca}" if ca else ""
    lines = "".join(f'  "{address}": {{ endpoints: ["https://{address}"]{trust} }}\n' for address in addresses)
    file = case.directory / "reach.yaml"
    file.write_text(f"registries:\n{lines}")
    return file


def through(case, source, target, authority, **variables):
    """Inspects, copies and mirrors a list; whatever is plain afterwards is asked of the registries themselves."""
    raw = push_busybox(case.source, "acme/web", "1.0")
    trust = ["-c", reached(case, source, target), "--ca", authority]
    case.entrepot("inspect", f"{source}/acme/web:1.0", *trust, **variables)
    case.entrepot("copy", f"{source}/acme/web:1.0", f"{target}/copied/web:1.0", *trust, **variables)
    case.entrepot("copy", f"{source}/acme/web:1.0", f"{target}/copied/web:1.0", *trust, **variables)
    (case.directory / "mirror.yaml").write_text(
        f'target: "{target}/mirror"\nplatforms: [linux/amd64, linux/arm64]\n'
        f'{reached(case, source, target, ca=authority).read_text()}images:\n  - "{source}/acme/web:1.0"\n'
    )
    case.mirror(**variables)
    case.mirror("--check", **variables)
    for repository in ("copied/web", "mirror/acme-web"):
        assert digest_of(case.target.manifest(repository, "1.0") or b"") == raw["digest"], repository


FRONTS = [("nginx", False), ("nginx", True), ("haproxy", False), ("haproxy", True)]


def in_front(program, h2):
    spoken = "with HTTP/2" if h2 else "without HTTP/2"

    @scenario(f"registries behind {program} {spoken} are source and target", *PAIRS)
    def behind(case):
        with Front(program, case.directory, case.source.address, h2) as one, Front(program, case.directory, case.target.address, h2) as two:
            through(case, one.address, two.address, one.authority)
            wanted = {"HTTP/2.0"} if h2 else {"HTTP/1.1"}
            assert one.spoken() == two.spoken() == wanted, (one.spoken(), two.spoken())


for each in FRONTS:
    in_front(*each)


@scenario("a registry at an IPv6 address is source and target", PAIRS[0])
def sixth(case):
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind((str(ipaddress.IPv6Address(1)), 0))
    except OSError as none:
        raise Skip(f"no ::1 on this machine ({none})") from none
    with Front("nginx", case.directory, case.source.address, host="::1") as one, Front("haproxy", case.directory, case.target.address, host="::1") as two:
        through(case, one.address, two.address, one.authority)


# ---- a proxy in front of the world ---------------------------------------------------------------------------------


@contextlib.contextmanager
def connect_proxy(places):
    """Answers CONNECT for the names it knows the places of; what it was asked for, in order."""
    asked = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            verb, _, rest = self.rfile.readline().decode("latin-1").partition(" ")
            authority = rest.partition(" ")[0]
            while self.rfile.readline().strip():
                pass
            asked.append((verb, authority))
            if verb != "CONNECT" or authority not in places:
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                return
            host, _, port = places[authority].rpartition(":")
            with socket.create_connection((host, int(port))) as far:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                pipe(self.connection, far)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def pipe(near, far):
    """Bytes in both directions until one side has no more."""
    other = {near: far, far: near}
    with contextlib.suppress(OSError):
        while True:
            for ready in select.select([near, far], [], [], 60)[0] or [None]:
                data = ready.recv(1 << 16) if ready else b""
                if not data:
                    return
                other[ready].sendall(data)


@scenario("registries that only a CONNECT proxy reaches are source and target, and NO_PROXY keeps it out", *PAIRS)
def by_connect(case):
    with Front("nginx", case.directory, case.source.address) as one, Front("nginx", case.directory, case.target.address, h2=False) as two:
        # No resolver knows the name, so nothing but the proxy leads there.
        source, target = f"{NAME}:8443", f"{NAME}:9443"
        with connect_proxy({source: one.address, target: two.address}) as (proxy, asked):
            through(case, source, target, one.authority, HTTPS_PROXY=f"http://{proxy}")
            assert {("CONNECT", source), ("CONNECT", target)} == set(asked), asked
            assert one.spoken() == {"HTTP/2.0"} and two.spoken() == {"HTTP/1.1"}, (one.spoken(), two.spoken())
            asked.clear()
            trust = ["-c", reached(case, source), "--ca", one.authority]
            variables = {"HTTPS_PROXY": f"http://{proxy}", "NO_PROXY": f"other.example,{NAME}"}
            case.entrepot("inspect", f"{source}/acme/web:1.0", *trust, code=1, **variables)
            assert not asked, asked
            trust = ["-c", reached(case, one.address), "--ca", one.authority]
            case.entrepot("inspect", f"{one.address}/acme/web:1.0", *trust, **variables | {"NO_PROXY": "127.0.0.1"})
            assert not asked, asked


# ---- in front of serve ---------------------------------------------------------------------------------------------


def pulled_and_pushed(case, front):
    """skopeo and crane push and pull a list with a layer of 50 MiB, curl reads ranges of it."""
    large = layer({"large": os.urandom(LARGE)})
    images = [push_image(case.source, "acme/large", [large], architecture) for architecture in ("amd64", "arm64")]
    raw = push_index(case.source, "acme/large", images, "1.0")
    trusting = environment(HOME=case.home, SSL_CERT_FILE=front.authority)
    upstream = Serve.path_of(case.source.address)
    for name, client in (("skopeo", push_by_skopeo), ("crane", push_by_crane)):
        client(case.src("acme/large:1.0"), f"{front.address}/team/{name}:1.0", trusting)
        for repository in (f"team/{name}", f"{upstream}/acme/large"):
            out = case.directory / f"{name}-{repository.replace('/', '-')}"
            must("skopeo", "copy", "-q", "--all", "--preserve-digests", f"docker://{front.address}/{repository}:1.0", f"dir:{out}", env=trusting)
            assert digest_of((out / "manifest.json").read_bytes()) == raw["digest"]
            assert digest_of((out / digest_of(large[0]).removeprefix("sha256:")).read_bytes()) == digest_of(large[0])
            shutil.rmtree(out)
            must("crane", "pull", "--format=oci", f"{front.address}/{repository}:1.0", out, env=trusting)
            assert (out / "blobs/sha256" / digest_of(large[0]).removeprefix("sha256:")).stat().st_size == len(large[0])
    blob = f"https://{front.address}/v2/{upstream}/acme/large/blobs/{digest_of(large[0])}"
    for first, last in ((0, 99), (30 << 20, (30 << 20) + 4095), (len(large[0]) - 10, len(large[0]) - 1)):
        part = case.directory / "part"
        code = must("curl", "-sS", "--cacert", front.authority, "-r", f"{first}-{last}", "-o", part, "-w", "%{http_code}", blob).out
        assert code == "206" and part.read_bytes() == large[0][first : last + 1], (code, first)
    code = must("curl", "-sS", "--cacert", front.authority, "-r", f"{len(large[0])}-", "-o", os.devnull, "-w", "%{http_code}", blob).out
    assert code == "416", code


def push_by_skopeo(source, target, trusting):
    must(need("skopeo"), "copy", "-q", "--all", "--src-tls-verify=false", f"docker://{source}", f"docker://{target}", env=trusting)


def push_by_crane(source, target, trusting):
    must(need("crane"), "copy", source, target, env=trusting)


def before_serve(program, to, h2):
    @scenario(f"{program} before serve, by HTTP/{to} to it and {'2' if h2 else '1.1'} to clients: pushes, pulls and ranges")
    def before(case):
        authority, pair = certificate(case.directory)
        secure = {"tls": {"certificate": str(pair), "key": str(case.directory / "leaf.key")}} if to == "2" else {}
        with Serve(case.directory, [case.source.address], secure, authority if secure else None) as serve:
            with Front(program, case.directory, serve.address, h2, to=to) as front:
                pulled_and_pushed(case, front)
                assert ("HTTP/2.0" in front.spoken()) == h2, front.spoken()


for each in [("nginx", "1.0", True), ("nginx", "1.1", True), ("nginx", "1.0", False), ("haproxy", "1.1", True), ("haproxy", "2", True)]:
    before_serve(*each)


@scenario("the page behind nginx at a path of its own finds its own parts")
def page_at_a_path(case):
    with Serve(case.directory, [case.source.address], {"publicUrl": f"https://{NAME}/cache/", "page": True}) as serve:
        with Front("nginx", case.directory, serve.address, to="1.0") as front:
            context = ssl.create_default_context(cafile=str(front.authority))
            text = get(front, context, "/cache/")
            links = {part.partition('"')[0] for part in text.replace('src="', 'href="').split('href="')[1:]}
            inside = {link for link in links if link.startswith("/")}
            assert inside and all(link.startswith("/cache/") for link in inside), sorted(links)
            for link in sorted(inside):
                get(front, context, link)


def get(front, context, path):
    connection = http.client.HTTPSConnection(front.address, context=context, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:200])
        return body.decode("utf-8", "replace")
    finally:
        connection.close()
