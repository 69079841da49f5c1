"""The servers that stand beside each other, and the slow line between a server and its upstream."""

import contextlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import ssl
import string
import subprocess
import tempfile
import time

import lab

from . import programs

PEERS = programs.HERE / "peers"
NAME = "library/bench"


class Template(string.Template):
    delimiter = "@"


def settings(name, **values):
    """A configuration file of `peers/`, filled in."""
    return Template((PEERS / name).read_text()).substitute({key: str(value) for key, value in values.items()})


def certificate(work):
    """A certificate for this machine's loopback address; (certificate, key)."""
    files = work / "certificate.pem", work / "key.pem"
    if not files[0].exists():
        lab.must(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files[1], "-out", files[0],
        )
    return files


def processes_of(session):
    """(/proc directory, fields of stat) of the processes of a session: a launcher becomes the server, nginx has workers."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(stat[3]) == session:
                    found.append((entry, stat))
    return found


class Server:
    """A program that listens; its memory and processor time are read from /proc."""

    title = note = program = ""
    query = ""

    def __init__(self, work, upstream=None, tls=False):
        """upstream: HOST:PORT of the registry it is a cache of; without one it takes pushes."""
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="server-", dir=work))
        self.store = self.directory / "store"
        self.port = lab.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.upstream = upstream
        self.certificate = certificate(pathlib.Path(work)) if tls else None
        self.process = None

    @classmethod
    def available(cls):
        return programs.find(cls.program) is not None

    def command(self):
        raise NotImplementedError

    def base(self):
        return f"{'https' if self.certificate else 'http'}://{self.address}"

    def url(self, path):
        return f"{self.base()}/v2/{NAME}/{path}{self.query}"

    def connection(self):
        if not self.certificate:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=ssl._create_unverified_context())

    def get(self, path, headers=None):
        """One answer's body; anything but 200 is an error."""
        connection = self.connection()
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, f"{self.title}: GET {path}: {answer.status} {body[:300]}"
            return body
        finally:
            connection.close()

    def start(self):
        command = [str(part) for part in self.command()]
        with open(self.directory / "log", "wb") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=self.directory,
                env=lab.environment(OTEL_TRACES_EXPORTER="none", OTEL_METRICS_EXPORTER="none", OTEL_LOGS_EXPORTER="none"),
            )
        while True:
            try:
                self.get("/v2/")
                self.ready = time.monotonic() - began
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > 60:
                    told = (self.directory / "log").read_text()[-2000:]
                    self.stop()
                    raise RuntimeError(f"{self.title} did not start: {told}") from None
                time.sleep(0.002)

    def stop(self):
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
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

    def resident(self, key="VmRSS"):
        """MiB of all its processes; VmHWM is the peak."""
        total = 0
        for entry, _ in processes_of(self.process.pid):
            line = re.search(rf"{key}:\s+(\d+)", (entry / "status").read_text())
            total += int(line[1]) if line else 0
        return total / 1024

    def processor(self):
        """Seconds used so far."""
        return sum(int(stat[11]) + int(stat[12]) for _, stat in processes_of(self.process.pid)) / os.sysconf("SC_CLK_TCK")


class Entrepot(Server):
    title, note = "entrepot", "`entrepot serve -c proxy.yaml`, asked with `?ns=` where it has an upstream"

    def __init__(self, work, upstream=None, tls=False):
        super().__init__(work, upstream, tls)
        self.launcher = lab.ENTREPOT
        self.query = "?ns=docker.io" if upstream else ""

    @classmethod
    def available(cls):
        return True

    def command(self):
        file = self.directory / "proxy.yaml"
        tls = f"tls: {{ certificate: {self.certificate[0]}, key: {self.certificate[1]} }}" if self.certificate else ""
        known = f"{{ docker.io: {{ endpoints: ['http://{self.upstream}'] }} }}" if self.upstream else "{}"
        file.write_text(settings("entrepot.yaml", port=self.port, store=self.store, tls=tls, registries=known))
        return [self.launcher, "serve", "-c", file]


class DockerRegistry(Server):
    title, note = "docker-registry", "2.8: `proxy: remoteurl` or, for pushes, none; `peers/distribution.yml`"
    program = "docker-registry"

    def command(self):
        file = self.directory / "config.yml"
        tls = f"  tls: {{ certificate: {self.certificate[0]}, key: {self.certificate[1]} }}" if self.certificate else ""
        proxy = f"proxy: {{ remoteurl: 'http://{self.upstream}' }}" if self.upstream else ""
        file.write_text(settings("distribution.yml", port=self.port, store=self.store, tls=tls, proxy=proxy))
        return [programs.find(self.program), "serve", file]


class Distribution(DockerRegistry):
    title, note = "distribution 3", "the same configuration"
    program = "registry"


class Zot(Server):
    title, note = "zot", "minimal, no deduplication, no collection; upstream by `sync` on demand; `peers/zot.json`"
    program = "zot"

    def command(self):
        file = self.directory / "zot.json"
        sync = (
            f', "extensions": {{"sync": {{"enable": true, "registries": [{{"urls": ["http://{self.upstream}"], "onDemand": true, '
            '"tlsVerify": false, "content": [{"prefix": "**"}]}]}}'
        )
        file.write_text(settings("zot.json", port=self.port, store=self.store, extensions=sync if self.upstream else ""))
        return [programs.find(self.program), "serve", file]


class Nginx(Server):
    title, note, program = "nginx", "the same bytes as plain files; `peers/nginx.conf`", "nginx"

    def __init__(self, work, files, tls=False):
        """files: path below the repository -> bytes."""
        super().__init__(work, None, tls)
        self.files = files

    def command(self):
        root = self.directory / "root" / "v2"
        for path, data in self.files.items():
            target = root / NAME / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        (root / "index.html").write_text("{}")
        file = self.directory / "nginx.conf"
        keys = (
            f"ssl_certificate {self.certificate[0]}; ssl_certificate_key {self.certificate[1]}; ssl_protocols TLSv1.3; "
            "ssl_session_cache shared:tls:10m; ssl_conf_command Options KTLS;"
            if self.certificate
            else ""
        )
        file.write_text(
            settings(
                "nginx.conf", port=self.port, directory=self.directory, user="user root;" if os.getuid() == 0 else "",
                ssl="ssl" if self.certificate else "", certificate=keys,
            )
        )
        return [programs.find("nginx"), "-p", self.directory, "-c", file]


CACHES = (Entrepot, DockerRegistry, Distribution, Zot)


class Relay:
    """A line to a server: every byte takes half a round trip, and no more pass in a second than its rate."""

    def __init__(self, target, milliseconds, rate=0):
        self.arguments = ["relay", "-to", target, "-round-trip", f"{milliseconds}ms", "-rate", str(rate)]

    def __enter__(self):
        self.process = subprocess.Popen([programs.load(), *self.arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        assert self.address, "the relay did not start"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Containerd:
    """A containerd of its own; images are unpacked by copying."""

    def __init__(self, work):
        # A socket's address has 108 characters at most, so the state lies where paths are short.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="c", dir=work))

    def __enter__(self):
        file = self.directory / "config.toml"
        file.write_text(settings("containerd.toml", directory=self.directory))
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen(
                [programs.find("containerd"), "--config", file], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=lab.environment()
            )
        for _ in range(200):
            if self.ctr("version").code == 0:
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        told = (self.directory / "log").read_text()[-2000:]
        self.__exit__()
        raise RuntimeError(f"containerd does not start: {told}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def ctr(self, *arguments):
        return lab.run(programs.find("ctr"), "--address", self.directory / "s", *arguments, timeout=120)

    def pull(self, reference, address):
        """Seconds to pull and unpack, with nothing left of an earlier pull. The registry is asked at the address."""
        for image in self.ctr("images", "ls", "-q").out.split():
            self.ctr("images", "rm", "--sync", image)
        self.ctr("content", "prune", "references")
        for digest in self.ctr("content", "ls", "-q").out.split():
            self.ctr("content", "rm", digest)
        hosts = self.directory / "hosts" / "_default"
        hosts.mkdir(parents=True, exist_ok=True)
        (hosts / "hosts.toml").write_text(settings("hosts.toml", address=address))
        done = self.ctr("images", "pull", "--hosts-dir", hosts.parent, "--snapshotter", "native", reference)
        assert done.code == 0, str(done)
        left = self.ctr("content", "ls", "-q").out.split()
        assert left, "nothing was pulled"
        return done.seconds
