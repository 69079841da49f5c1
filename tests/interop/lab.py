"""Registries started for a test or a measurement, images put into them, and what they were asked.

Python's standard library only. Everything listens on the loopback address, on ports the system chose, and is
ended when its context is left.
"""

import contextlib
import dataclasses
import gzip
import hashlib
import http.client
import io
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tarfile
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Another launcher may stand in, such as that of the tarball: ENTREPOT_PROGRAM=.../bin/entrepot.
ENTREPOT = pathlib.Path(os.environ.get("ENTREPOT_PROGRAM") or ROOT / "entrepot").absolute()

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
ACCEPT = ", ".join([OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST])


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**more):
    """This process's environment without credentials, proxies and other people's settings of the clients."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not re.match(r"(?i)(https?_proxy|all_proxy|GITHUB_.*|DOCKER_.*|REGISTRY_.*|CI)$", name)
    }
    return kept | {name: str(value) for name, value in more.items()}


@dataclasses.dataclass
class Ran:
    """A program that has ended: its exit code and what it wrote."""

    command: list
    code: int
    out: str
    err: str
    seconds: float

    def __str__(self):
        return f"$ {' '.join(map(str, self.command))}\nexit {self.code}\n{self.out}{self.err}"


def run(*command, timeout=300, env=None, cwd=None):
    began = time.monotonic()
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=env or environment(),
        cwd=cwd,
    )
    return Ran(list(command), done.returncode, done.stdout, done.stderr, time.monotonic() - began)


def must(*command, **options):
    done = run(*command, **options)
    if done.code != 0:
        raise AssertionError(str(done))
    return done


# ---- what is shipped -----------------------------------------------------------------------------------------------

MAVEN = ("mvn", "-q", "-B", "-pl", "distribution", "-am", "-DskipTests")


def tarball():
    """The one that `mvn package` has made of what is there for this machine, or makes now."""
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    for built in (False, True):
        found = sorted((ROOT / "distribution/target").glob(f"entrepot-*-linux-{architecture}.tar.gz"), key=changed)
        # A build leaves a jar untouched that would be the same.
        sources = [ROOT / "distribution/target/entrepot.jar", ROOT / "distribution/pom.xml", *(ROOT / "distribution/src").glob("*/*")]
        if found and all(each.exists() and changed(each) <= changed(found[-1]) for each in sources):
            return found[-1]
        assert not built, "mvn package made no tarball"
        must(*MAVEN, "package", cwd=ROOT, timeout=600)


def changed(file):
    return file.stat().st_mtime


def unpacked(directory):
    must("tar", "-C", directory, "-xzf", tarball())
    (home,) = directory.glob("entrepot-*")
    assert home.name.endswith(("-linux-amd64", "-linux-arm64")), home
    return home


def end_cleanly():
    """Ends what this process started also when it is told to go."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


# ---- what a registry was asked -------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Request:
    """One line of a registry's access log."""

    method: str
    path: str
    status: int
    length: int

    @property
    def kind(self):
        """What was asked for: ping, tags, manifest, blob, upload, referrers, other."""
        path = self.path.partition("?")[0]
        if path in ("/v2", "/v2/"):
            return "ping"
        for kind, pattern in (
            ("upload", r"/blobs/uploads/"),
            ("blob", r"/blobs/"),
            ("manifest", r"/manifests/"),
            ("referrers", r"/referrers/"),
            ("tags", r"/tags/list$"),
        ):
            if re.search(pattern, path):
                return kind
        return "other"

    @property
    def reference(self):
        return self.path.partition("?")[0].rpartition("/")[2]


LINE = re.compile(r'"([A-Z]+) (\S+) HTTP/[\d.]+" (\d{3}) (\d+)')


def count(requests, method=None, kind=None):
    return sum(
        1 for request in requests if method in (None, request.method) and kind in (None, request.kind)
    )


def tally(requests):
    """Requests by verb and kind, pings left out: {"HEAD manifest": 20}."""
    totals = {}
    for request in requests:
        if request.kind != "ping":
            key = f"{request.method} {request.kind}"
            totals[key] = totals.get(key, 0) + 1
    return dict(sorted(totals.items()))


# ---- registries ----------------------------------------------------------------------------------------------------


class Registry:
    """A real registry on the loopback address, with its storage in a directory of its own."""

    KINDS = ("docker-registry", "distribution", "referrers")

    def __init__(self, kind, work, extra=None):
        self.kind = kind
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=work))
        self.log_file = self.directory / "access.log"
        self.extra = extra or ""
        self.process = None
        self.marked = 0

    @staticmethod
    def available(kind):
        return Registry.program(kind) is not None

    @staticmethod
    def program(kind):
        if kind == "docker-registry":
            return shutil.which("docker-registry")
        if kind == "distribution":
            return shutil.which("registry")
        built = pathlib.Path(__file__).parent / "work" / "referrers-registry"
        return str(built) if built.exists() else None

    def start(self):
        settings = self.directory / "config.yml"
        settings.write_text(
            "version: 0.1\n"
            "log:\n  level: error\n  accesslog:\n    disabled: false\n"
            f"storage:\n  filesystem:\n    rootdirectory: {self.directory}/storage\n  delete:\n    enabled: true\n"
            f"http:\n  addr: {self.address}\n" + self.extra
        )
        program = Registry.program(self.kind)
        command = (
            [program, "-address", self.address] if self.kind == "referrers" else [program, "serve", str(settings)]
        )
        log = open(self.log_file, "wb")
        errors = open(self.directory / "errors.log", "wb")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=errors,
            env=environment(OTEL_TRACES_EXPORTER="none", OTEL_METRICS_EXPORTER="none", OTEL_LOGS_EXPORTER="none"),
        )
        log.close()
        errors.close()
        for _ in range(200):
            try:
                self.ask("GET", "/v2/")
                return self
            except OSError:
                if self.process.poll() is not None:
                    raise AssertionError(f"{self.kind} did not start: {(self.directory / 'errors.log').read_text()}")
                time.sleep(0.05)
        raise AssertionError(f"{self.kind} does not answer")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def mark(self):
        """Requests from here on are the ones requests() tells."""
        self._settle()
        self.marked = self.log_file.stat().st_size

    def requests(self):
        self._settle()
        with open(self.log_file, "rb") as log:
            log.seek(self.marked)
            text = log.read().decode("utf-8", "replace")
        return [
            Request(found[1], found[2], int(found[3]), int(found[4])) for found in map(LINE.search, text.splitlines()) if found
        ]

    def _settle(self):
        """A line is written just after its answer was sent: wait until no more come."""
        size = -1
        while size != (size := self.log_file.stat().st_size):
            time.sleep(0.1)

    # -- its contents, by plain HTTP

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=120)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def push_blob(self, repository, data):
        digest = digest_of(data)
        if self.ask("HEAD", f"/v2/{repository}/blobs/{digest}")[0] == 200:
            return digest
        status, headers, body = self.ask("POST", f"/v2/{repository}/blobs/uploads/")
        assert status == 202, (status, body)
        location = re.sub(r"^https?://[^/]+", "", headers["Location"])
        location += ("&" if "?" in location else "?") + "digest=" + digest
        status, _, body = self.ask("PUT", location, data, {"Content-Type": "application/octet-stream"})
        assert status == 201, (status, body)
        return digest

    def push_manifest(self, repository, data, media_type, tag=None):
        if not isinstance(data, bytes):
            data = json.dumps(data, indent=2).encode()
        digest = digest_of(data)
        status, _, body = self.ask(
            "PUT", f"/v2/{repository}/manifests/{tag or digest}", data, {"Content-Type": media_type}
        )
        assert status == 201, (status, body)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def manifest(self, repository, reference):
        """The bytes of a manifest, or None when there is none."""
        status, _, body = self.ask("GET", f"/v2/{repository}/manifests/{reference}", headers={"Accept": ACCEPT})
        return body if status == 200 else None

    def delete_manifest(self, repository, digest):
        status, _, body = self.ask("DELETE", f"/v2/{repository}/manifests/{digest}")
        assert status == 202, (status, body)

    def tags(self, repository):
        status, _, body = self.ask("GET", f"/v2/{repository}/tags/list")
        return sorted(json.loads(body)["tags"] or []) if status == 200 else []


# ---- images --------------------------------------------------------------------------------------------------------


def layer(files):
    """A gzipped tar, the same bytes every time. files: path -> bytes, or str for a symbolic link."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        folders = set()
        for path, content in files.items():
            for parent in reversed(pathlib.PurePosixPath(path).parents):
                if str(parent) not in (".", "/") and parent not in folders:
                    folders.add(parent)
                    entry = tarfile.TarInfo(str(parent))
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    archive.addfile(entry)
            entry = tarfile.TarInfo(path)
            if isinstance(content, str):
                entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, content, 0o777
                archive.addfile(entry)
            else:
                entry.size, entry.mode = len(content), 0o755
                archive.addfile(entry, io.BytesIO(content))
    data = plain.getvalue()
    return gzip.compress(data, 1, mtime=0), digest_of(data)


def push_image(registry, repository, layers, architecture, os_name="linux", tag=None, variant=None, **config):
    """One image manifest out of layers (pairs as layer() makes them); its descriptor, with the platform."""
    platform = {"architecture": architecture, "os": os_name} | ({"variant": variant} if variant else {})
    body = json.dumps(
        platform
        | {"config": {"Entrypoint": ["/bin/busybox"]} | config}
        | {"rootfs": {"type": "layers", "diff_ids": [plain for _, plain in layers]}}
    ).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": OCI_CONFIG, "digest": registry.push_blob(repository, body), "size": len(body)},
        "layers": [
            {"mediaType": OCI_LAYER, "digest": registry.push_blob(repository, data), "size": len(data)}
            for data, _ in layers
        ],
    }
    return registry.push_manifest(repository, manifest, OCI_MANIFEST, tag) | {"platform": platform}


def push_index(registry, repository, entries, tag=None):
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    return registry.push_manifest(repository, index, OCI_INDEX, tag)


def push_attestation(registry, repository, subject):
    """BuildKit's way: an entry of the index for no platform, which names the manifest it is about."""
    statement = json.dumps({"_type": "https://in-toto.io/Statement/v0.1", "subject": [{"digest": subject["digest"]}]})
    data = statement.encode()
    config = json.dumps(
        {"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest_of(data)]}}
    ).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": OCI_CONFIG, "digest": registry.push_blob(repository, config), "size": len(config)},
        "layers": [
            {
                "mediaType": "application/vnd.in-toto+json",
                "digest": registry.push_blob(repository, data),
                "size": len(data),
                "annotations": {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"},
            }
        ],
    }
    return registry.push_manifest(repository, manifest, OCI_MANIFEST) | {
        "platform": {"architecture": "unknown", "os": "unknown"},
        "annotations": {
            "vnd.docker.reference.digest": subject["digest"],
            "vnd.docker.reference.type": "attestation-manifest",
        },
    }


def push_artifact(registry, repository, artifact_type, files, tag=None, config_type=None, config=b"{}", subject=None):
    """An artifact's manifest: no platform, layers of any type, and perhaps a subject. files: media type -> bytes."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        **({"artifactType": artifact_type} if artifact_type else {}),
        "config": {
            "mediaType": config_type or "application/vnd.oci.empty.v1+json",
            "digest": registry.push_blob(repository, config),
            "size": len(config),
        },
        "layers": [
            {"mediaType": media_type, "digest": registry.push_blob(repository, data), "size": len(data)}
            for media_type, data in files.items()
        ],
        **({"subject": {key: subject[key] for key in ("mediaType", "digest", "size")}} if subject else {}),
    }
    return registry.push_manifest(repository, manifest, OCI_MANIFEST, tag)


# ---- our program ---------------------------------------------------------------------------------------------------


def entrepot(*arguments, env=None, timeout=300, cwd=None):
    return run(ENTREPOT, *arguments, env=env, timeout=timeout, cwd=cwd)


class Serve:
    """`entrepot serve` with a store of its own; upstreams are addresses of registries on plain HTTP.

    more: further settings; authority: whose certificate they have the server show.
    """

    def __init__(self, work, upstreams=(), more=None, authority=None):
        self.more, self.authority = more or {}, authority
        self.address = f"127.0.0.1:{free_port()}"
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="serve-", dir=work))
        self.upstreams = upstreams
        self.process = None

    @staticmethod
    def path_of(upstream):
        """What an upstream's repositories begin with; a path has no colon."""
        return upstream.replace(":", "_")

    def __enter__(self):
        settings = {
            "listen": self.address,
            "cache": {"directory": str(self.directory / "store"), "maxSize": "1GiB"},
            "registries": {name: {"endpoints": [f"http://{name}"]} for name in self.upstreams},
        } | self.more
        file = self.directory / "proxy.yaml"
        file.write_text(json.dumps(settings))
        self.log_file = self.directory / "serve.log"
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [ENTREPOT, "serve", "-c", file], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment()
            )
        for _ in range(600):
            if self.process.poll() is not None:
                raise AssertionError(f"entrepot serve did not start: {self.log_file.read_text()}")
            with contextlib.suppress(OSError):
                connection = self.connection()
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return self
            time.sleep(0.1)
        self.__exit__()
        raise AssertionError(f"entrepot serve does not answer: {self.log_file.read_text()}")

    def connection(self):
        if self.authority is None:
            return http.client.HTTPConnection(self.address, timeout=5)
        context = ssl.create_default_context(cafile=str(self.authority))
        return http.client.HTTPSConnection(self.address, context=context, timeout=5)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextlib.contextmanager
def work_directory(prefix="entrepot-lab-"):
    directory = tempfile.mkdtemp(prefix=prefix)
    try:
        yield pathlib.Path(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
