"""What real clients, real upstreams and hard deaths say about `entrepot serve`.

Each function marked @scenario is one case, run once for each kind of upstream it names. It fails by an
AssertionError and is left out by Skip. What a client got is hashed here, what upstream was asked is counted from
upstream's own access log.
"""

import collections
import concurrent.futures
import contextlib
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import random
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

from lab import (
    ACCEPT,
    ENTREPOT,
    OCI_MANIFEST,
    Registry,
    count,
    digest_of,
    end_cleanly,
    entrepot,
    environment,
    free_port,
    must,
    run,
    tally,
    work_directory,
)
from scenarios import HERE, Skip, attempt, available, close, need, push_busybox, skopeo_digest

SCENARIOS = []
KINDS = ("docker-registry", "distribution", "referrers")
MIB = 1 << 20


def scenario(name, *kinds):
    """Registers a case, once for each kind of upstream; a case without one makes its own."""

    def register(function):
        for kind in kinds or (None,):
            SCENARIOS.append((f"serve: {name}" + (f" [{kind}]" if kind else ""), function, kind))
        return function

    return register


# ---- the server ----------------------------------------------------------------------------------------------------


class Server:
    """`entrepot serve` on the loopback address."""

    def __init__(self, directory, upstreams=None, store=None, more="", options=()):
        self.directory = directory
        self.home = directory / "home"
        self.home.mkdir(exist_ok=True)
        self.store = store or directory / "store"
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.options = options
        self.log_file = directory / f"serve-{self.port}.log"
        self.process = None
        registries = "".join(
            f"  {name}:\n    endpoints: [http://{address}]\n" for name, address in (upstreams or {}).items()
        )
        self.settings = directory / f"proxy-{self.port}.yaml"
        self.settings.write_text(
            f"listen: {self.address}\ncache: {{ directory: {self.store}, maxSize: 1GiB }}\n{more}"
            + (f"registries:\n{registries}" if registries else "registries: {}\n")
        )

    def launch(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [str(ENTREPOT), "serve", "-c", str(self.settings), *self.options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(HOME=self.home),
                cwd=self.directory,
            )
        return self

    def start(self):
        self.launch()
        began = time.monotonic()
        while time.monotonic() - began < 60:
            try:
                if self.ask("GET", "/livez", timeout=5)[0] == 200:
                    return self
            except OSError:
                if self.process.poll() is not None:
                    raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.log()}")
                time.sleep(0.05)
        raise AssertionError(f"serve does not answer:\n{self.log()}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends it as an init system would; its exit code."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"serve did not end within 40 s of SIGTERM:\n{self.log()}") from None
        return self.process.returncode if self.process else None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.kill()

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def ask(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection(self.address, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def blob(self, repository, digest):
        """The bytes of a blob, whose hash is right."""
        status, _, body = self.ask("GET", f"/v2/{repository}/blobs/{digest}")
        assert status == 200, (status, body[:300])
        assert digest_of(body) == digest, f"{digest} came as {digest_of(body)}, {len(body)} bytes"
        return body

    def push_blob(self, repository, data):
        """Pushes in one request; the answer."""
        digest = digest_of(data)
        return self.ask(
            "POST",
            f"/v2/{repository}/blobs/uploads/?digest={digest}",
            data,
            {"Content-Type": "application/octet-stream"},
        )

    def push(self, repository, data, tag):
        """An image of one layer; the digest of its manifest."""
        config = b"{}"
        for blob in (config, data):
            status, _, body = self.push_blob(repository, blob)
            assert status == 201, (status, body)
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": OCI_MANIFEST,
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest_of(config), "size": 2},
                "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest_of(data), "size": len(data)}],
            }
        ).encode()
        status, _, body = self.ask("PUT", f"/v2/{repository}/manifests/{tag}", manifest, {"Content-Type": OCI_MANIFEST})
        assert status == 201, (status, body)
        return digest_of(manifest)

    def metric(self, name):
        text = self.ask("GET", "/metrics")[2].decode()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)}

    def cache(self, *arguments, code=0):
        done = entrepot("cache", *arguments, env=environment(HOME=self.home), cwd=self.directory)
        assert done.code == code, f"expected exit {code}\n{done}"
        return done

    def hashes(self):
        """Every file below blobs/ has the digest that its name says; the digests."""
        found = set()
        for file in (self.store / "blobs").rglob("*"):
            if file.is_file():
                algorithm = file.relative_to(self.store / "blobs").parts[0]
                with open(file, "rb") as content:
                    actual = hashlib.file_digest(content, algorithm).hexdigest()
                assert actual == file.name, f"{file} holds {actual}"
                found.add(f"{algorithm}:{actual}")
        return found


class Case:
    """An upstream that calls itself docker.io, and a directory."""

    def __init__(self, directory, upstream):
        self.directory, self.upstream = directory, upstream

    def server(self, more="", options=(), upstreams=None, **named):
        if upstreams is None and self.upstream:
            upstreams = {"docker.io": self.upstream.address}
        return Server(self.directory, upstreams, more=more, options=options, **named)

    def printed(self, client, server):
        """The client's file as the program prints it."""
        done = entrepot(
            "config", client, "--address", server.address, "-c", server.settings, env=environment(HOME=server.home)
        )
        assert done.code == 0, str(done)
        return done.out


def halt(registry):
    """Stops an upstream and leaves its storage."""
    registry.process.terminate()
    registry.process.wait()


def wanted_of(registry, repository, tag, architecture="amd64"):
    """What a client of one platform needs: the manifests' and the blobs' digests."""
    raw = registry.manifest(repository, tag)
    index = json.loads(raw)
    child = next(
        entry["digest"] for entry in index["manifests"] if entry["platform"]["architecture"] == architecture
    )
    image = json.loads(registry.manifest(repository, child))
    blobs = [image["config"]["digest"], *(entry["digest"] for entry in image["layers"])]
    return digest_of(raw), {digest_of(raw), child}, set(blobs)


def asked_once(upstream, manifests, blobs):
    """Upstream was asked for these and nothing else, for each once, and for tags by HEAD only."""
    requests = upstream.requests()
    got = collections.Counter(
        request.reference for request in requests if request.method == "GET" and request.kind in ("blob", "manifest")
    )
    assert set(got) == manifests | blobs, f"fetched {dict(got)}, wanted {manifests | blobs}"
    assert set(got.values()) == {1}, f"fetched more than once: {dict(got)}"
    assert count(requests, "HEAD", "manifest") == 1, tally(requests)
    assert count(requests, "HEAD", "blob") == 0, tally(requests)


# ---- containerd ----------------------------------------------------------------------------------------------------


class Containerd:
    """A containerd of its own, with its own state, without its Kubernetes face."""

    def __init__(self, directory, daemon, client, hosts):
        # A socket's address has 108 characters at most, so the state lies where paths are short.
        self.directory = pathlib.Path(directory) / "containerd"
        self.directory.mkdir()
        self.socket = self.directory / "s"
        self.client, self.hosts = client, hosts
        # The newest also fetches what only describes the other platforms, unless told not to.
        self.more = ("--skip-metadata",) if "skip-metadata" in run(client, "images", "pull", "--help").out else ()
        settings = self.directory / "config.toml"
        settings.write_text(
            f'version = 2\nroot = "{self.directory}/root"\nstate = "{self.directory}/state"\n'
            'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", '
            '"io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", '
            '"io.containerd.snapshotter.v1.devmapper", "io.containerd.nri.v1.nri", "io.containerd.internal.v1.tracing"]\n'
            f'[grpc]\naddress = "{self.socket}"\n[ttrpc]\naddress = "{self.socket}.ttrpc"\n'
            '[plugins."io.containerd.transfer.v1.local"]\n'
            '[[plugins."io.containerd.transfer.v1.local".unpack_config]]\nplatform = "linux/amd64"\nsnapshotter = "native"\n'
        )
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen(
                [daemon, "--config", str(settings)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment()
            )

    def __enter__(self):
        for _ in range(200):
            if self.ctr("version").code == 0:
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError("containerd does not start:\n" + (self.directory / "log").read_text()[-3000:])

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ctr(self, *arguments):
        return run(self.client, "--address", self.socket, *arguments, timeout=60)

    def pull(self, reference):
        """Pulls, unpacks, and tells the digest that containerd has; nothing of an earlier pull is left."""
        for image in self.ctr("images", "ls", "-q").out.split():
            self.ctr("images", "rm", "--sync", image)
        self.ctr("content", "prune", "references")
        for digest in self.ctr("content", "ls", "-q").out.split():
            self.ctr("content", "rm", digest)
        done = self.ctr("images", "pull", "--hosts-dir", self.hosts, "--snapshotter", "native", *self.more, reference)
        assert done.code == 0, f"{done}\n" + (self.directory / "log").read_text()[-2000:]
        listed = self.ctr("images", "ls").out
        return re.search(r"sha256:[0-9a-f]{64}", listed)[0]


def containerds():
    """(name, daemon, client) of those that are here."""
    if os.geteuid() != 0:
        raise Skip("containerd needs root")
    debian = ("/usr/bin/containerd", "/usr/bin/ctr")
    newest = (str(HERE / "work/bin/containerd"), str(HERE / "work/bin/ctr"))
    return {
        name: pair for name, pair in (("Debian's", debian), ("the newest", newest)) if all(map(os.path.exists, pair))
    }


def containerd_of(name):
    found = containerds()
    if name not in found:
        raise Skip(f"{name} containerd is not on this machine")
    return found[name]


def containerd_pulls(case, name):
    daemon, client = containerd_of(name)
    push_busybox(case.upstream, "library/busybox", "1", attest=False)
    expected, manifests, blobs = wanted_of(case.upstream, "library/busybox", "1")
    server = case.server(more="tagFreshness: 1s\n")
    hosts = case.directory / "hosts" / "_default"
    hosts.mkdir(parents=True)
    (hosts / "hosts.toml").write_text(case.printed("containerd", server))
    reference = "docker.io/library/busybox:1"
    with server, Containerd(case.directory, daemon, client, hosts.parent) as containerd:
        case.upstream.mark()
        assert containerd.pull(reference) == expected
        asked_once(case.upstream, manifests, blobs)
        case.upstream.mark()
        time.sleep(1.1)
        assert containerd.pull(reference) == expected
        assert tally(case.upstream.requests()) == {"HEAD manifest": 1}, tally(case.upstream.requests())
        # Upstream goes away: what is held is served, also by a server that never saw it.
        halt(case.upstream)
        time.sleep(1.1)
        assert containerd.pull(reference) == expected
        assert "served from the cache" in server.log(), server.log()
        assert server.stop() == 0, server.log()
        server.start()
        assert containerd.pull(reference) == expected
        missing = containerd.ctr("images", "pull", "--hosts-dir", hosts.parent, *containerd.more, "docker.io/library/other:1")
        assert missing.code != 0


@scenario("Debian's containerd pulls by ns through the printed hosts.toml, also when upstream is gone", "docker-registry", "referrers")
def containerd_debian(case):
    containerd_pulls(case, "Debian's")


@scenario("the newest containerd pulls by ns through the printed hosts.toml, also when upstream is gone", "distribution")
def containerd_newest(case):
    containerd_pulls(case, "the newest")


# ---- other clients -------------------------------------------------------------------------------------------------


def podman(directory, settings, *arguments):
    return run(
        need("podman"), "--root", directory / "podman", "--runroot", directory / "podman-run", "--storage-driver", "vfs",
        "--cgroup-manager", "cgroupfs", *arguments,
        env=environment(HOME=directory / "home", CONTAINERS_REGISTRIES_CONF=settings, XDG_RUNTIME_DIR=directory / "podman-run"),
        timeout=120,
    )  # fmt: skip


@scenario("podman pulls through the printed registries.conf", "docker-registry", "distribution")
def podman_pulls(case):
    need("podman")
    if os.geteuid() != 0:
        raise Skip("podman without root needs subordinate users")
    push_busybox(case.upstream, "library/busybox", "1", attest=False)
    expected, manifests, blobs = wanted_of(case.upstream, "library/busybox", "1")
    server = case.server()
    settings = case.directory / "registries.conf"
    settings.write_text(case.printed("podman", server))
    with server:
        case.upstream.mark()
        done = podman(case.directory, settings, "pull", "docker.io/library/busybox:1")
        assert done.code == 0, f"{done}\n{server.log()}"
        asked_once(case.upstream, manifests, blobs)
        told = podman(case.directory, settings, "image", "inspect", "--format", "{{.RepoDigests}}", "docker.io/library/busybox:1")
        assert expected in told.out, str(told)
        # Pushed under a name of its own, and read back by another.
        done = podman(case.directory, settings, "push", "docker.io/library/busybox:1", f"{server.address}/team/by-podman:1")
        assert done.code == 0, f"{done}\n{server.log()}"
        must(need("crane"), "validate", "--insecure", "--remote", f"{server.address}/team/by-podman:1")


@scenario("skopeo, crane and regctl read by path, and skopeo by the printed registries.conf", *KINDS)
def readers(case):
    index = push_busybox(case.upstream, "library/busybox", "1", attest=False)
    expected, manifests, blobs = wanted_of(case.upstream, "library/busybox", "1")
    server = case.server()
    settings = case.directory / "registries.conf"
    settings.write_text(case.printed("podman", server))
    by_path = f"{server.address}/docker.io/library/busybox:1"
    with server:
        case.upstream.mark()
        must(need("crane"), "pull", "--insecure", "--platform=linux/amd64", by_path, case.directory / "crane.tar")
        asked_once(case.upstream, manifests, blobs)
        case.upstream.mark()
        must(
            need("skopeo"), "--registries-conf", settings, "copy", "docker://docker.io/library/busybox:1",
            f"dir:{case.directory}/one",
        )  # fmt: skip
        assert case.upstream.requests() == [], case.upstream.requests()
        assert skopeo_digest(by_path) == expected
        assert must("crane", "digest", "--insecure", by_path).out.strip() == expected
        regctl = [need("regctl"), "--host", f"reg={server.address},tls=disabled"]
        assert must(*regctl, "manifest", "head", by_path).out.strip() == expected
        assert case.upstream.requests() == [], case.upstream.requests()
        # The whole image now: the other platform is fetched, what is held is not.
        must("skopeo", "copy", "--all", "--src-tls-verify=false", f"docker://{by_path}", f"dir:{case.directory}/all")
        _, more_manifests, more_blobs = wanted_of(case.upstream, "library/busybox", "1", "arm64")
        fetched = {r.reference for r in case.upstream.requests() if r.method == "GET" and "?" not in r.path}
        assert (more_manifests - manifests) | (more_blobs - blobs) <= fetched, fetched
        assert not blobs & fetched, fetched
        assert index["digest"] == expected


@scenario("regctl reads by ns, as of a mirror", "referrers")
def regctl_by_ns(case):
    regctl = need("regctl")
    push_busybox(case.upstream, "library/busybox", "1", attest=False)
    expected, _, _ = wanted_of(case.upstream, "library/busybox", "1")
    with case.server() as server:
        settings = case.directory / "regctl.json"
        settings.write_text(
            json.dumps(
                {
                    "hosts": {
                        "docker.io": {"mirrors": [server.address], "priority": 1},
                        server.address: {"tls": "disabled", "hostname": server.address},
                    }
                }
            )
        )
        variables = environment(REGCTL_CONFIG=settings)
        case.upstream.mark()
        assert must(regctl, "manifest", "head", "docker.io/library/busybox:1", env=variables).out.strip() == expected
        must(regctl, "image", "export", "--platform=linux/amd64", "docker.io/library/busybox:1", case.directory / "regctl.tar", env=variables)
        # There is no default upstream, so that without ns= all of this would have been 404.
        requests = case.upstream.requests()
        got = collections.Counter(r.reference for r in requests if (r.method, r.kind) == ("GET", "blob"))
        assert got and set(got.values()) == {1}, got


@scenario("what skopeo and crane push, others pull back; regctl lists, attaches and deletes", "docker-registry")
def pushes(case):
    skopeo, crane, regctl = need("skopeo"), need("crane"), need("regctl")
    push_busybox(case.upstream, "library/busybox", "1", attest=False)
    expected, _, _ = wanted_of(case.upstream, "library/busybox", "1")
    with case.server() as server:
        regctl = [regctl, "--host", f"reg={server.address},tls=disabled"]
        source = f"{case.upstream.address}/library/busybox:1"
        one, two, three = (f"{server.address}/team/{name}:1" for name in ("skopeo", "crane", "regctl"))
        must(skopeo, "copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false", f"docker://{source}", f"docker://{one}")
        must(crane, "copy", "--insecure", source, two)
        must(*regctl, "--host", f"reg={case.upstream.address},tls=disabled", "image", "copy", one, three)
        for pushed in (one, two, three):
            assert skopeo_digest(pushed) == expected
            assert must(crane, "digest", "--insecure", pushed).out.strip() == expected
            assert must(*regctl, "manifest", "head", pushed).out.strip() == expected
            must(crane, "validate", "--insecure", "--remote", pushed)
        must(skopeo, "copy", "--src-tls-verify=false", f"docker://{two}", f"dir:{case.directory}/back")
        assert must(*regctl, "tag", "ls", f"{server.address}/team/crane").out.split() == ["1"]
        listed = must(crane, "catalog", "--insecure", server.address).out.split()
        assert {"team/skopeo", "team/crane", "team/regctl"} <= set(listed), listed

        sbom = case.directory / "sbom.json"
        sbom.write_text('{"spdxVersion":"SPDX-2.3"}')
        must(*regctl, "artifact", "put", "--artifact-type", "application/spdx+json", "-f", sbom, "--subject", two)
        told = json.loads(must(*regctl, "artifact", "list", two, "--format", "{{json .}}").out)
        assert [entry["artifactType"] for entry in told["descriptors"]] == ["application/spdx+json"], told

        must(*regctl, "tag", "delete", one)
        assert run(crane, "digest", "--insecure", one).code != 0
        assert must(crane, "digest", "--insecure", f"{one.rpartition(':')[0]}@{expected}").out.strip() == expected
        must(*regctl, "manifest", "delete", f"{one.rpartition(':')[0]}@{expected}")
        assert run(crane, "digest", "--insecure", f"{one.rpartition(':')[0]}@{expected}").code != 0
        assert skopeo_digest(two) == expected
        refused = run(crane, "copy", "--insecure", source, f"{server.address}/docker.io/library/mine:1")
        assert refused.code != 0 and "push under a name of your own" in refused.err, str(refused)


@scenario("regctl finds upstream's referrers through the proxy", *KINDS)
def proxied_referrers(case):
    push_busybox(case.upstream, "acme/signed", "1", attest=False)
    sbom = case.directory / "sbom.json"
    sbom.write_text('{"spdxVersion":"SPDX-2.3"}')
    must(
        need("regctl"), "--host", f"reg={case.upstream.address},tls=disabled", "artifact", "put", "--artifact-type",
        "application/spdx+json", "-f", sbom, "--subject", f"{case.upstream.address}/acme/signed:1",
    )  # fmt: skip
    with case.server() as server:
        proxied = f"{server.address}/docker.io/acme/signed:1"
        regctl = ["regctl", "--host", f"reg={server.address},tls=disabled", "--host", f"reg={case.upstream.address},tls=disabled", "artifact"]
        listed = []
        for reference in (f"{case.upstream.address}/acme/signed:1", proxied):
            listed.append(json.loads(must(*regctl, "list", reference, "--format", "{{json .}}").out)["descriptors"])
        assert listed[0] and listed[0] == listed[1], listed
        got = must(*regctl, "get", "--subject", proxied)
        assert got.out == sbom.read_text(), str(got)


@scenario("oras pushes, attaches, discovers and pulls", None)
def oras(case):
    program = need("oras")
    note = case.directory / "note.txt"
    note.write_text("goods wait on their way\n")
    with case.server() as server:
        name = f"{server.address}/team/note:1"
        must(program, "push", "--plain-http", name, "note.txt:text/plain", cwd=case.directory)
        must(program, "attach", "--plain-http", "--artifact-type", "example/label", name, "note.txt:text/plain", cwd=case.directory)
        assert "example/label" in must(program, "discover", "--plain-http", name).out
        back = case.directory / "back"
        must(program, "pull", "--plain-http", "-o", back, name)
        assert (back / "note.txt").read_text() == note.read_text()


# ---- death ---------------------------------------------------------------------------------------------------------


class Stress:
    """Clients that push and pull while the server dies; they remember what was acknowledged."""

    def __init__(self, server, pulls, seconds):
        self.server, self.pulls = server, pulls
        self.until = time.monotonic() + seconds
        self.acknowledged = {}
        self.manifests = {}
        self.open = []
        self.pulled = 0
        self.resumed = 0
        self.restarted = 0
        self.wrong = []
        self.lock = threading.Lock()

    def over(self):
        return time.monotonic() > self.until

    def pusher(self, seed):
        dice = random.Random(seed)
        while not self.over():
            data = dice.randbytes(dice.choice([2_000, 300_000, 3_000_000]))
            try:
                if dice.random() < 0.5:
                    status, _, body = self.server.push_blob("team/kept", data)
                    if status == 201:
                        self.acknowledged[digest_of(data)] = len(data)
                    elif status < 500:
                        self.wrong.append(f"a push was answered {status} {body[:200]}")
                else:
                    self.chunked(dice, data)
                if dice.random() < 0.3:
                    tag = f"t{dice.randrange(1_000_000)}"
                    self.manifests[self.server.push("team/kept", data, tag)] = tag
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            except AssertionError as failure:
                if not re.search(r"\(5\d\d", str(failure)):
                    self.wrong.append(str(failure))

    def chunked(self, dice, data):
        """In three parts; an upload that was cut goes on where the server says, whichever process that is."""
        status, headers, _ = self.server.ask("POST", "/v2/team/kept/blobs/uploads/")
        if status != 202:
            return
        location = headers["Location"]
        sent, cut = 0, False
        while not self.over():
            try:
                if cut:
                    status, headers, _ = self.server.ask("GET", location)
                    if status == 404:
                        self.restarted += 1
                        return
                    if status != 204:
                        continue
                    last = int(headers["Range"].partition("-")[2])
                    sent, cut = (last + 1 if last else 0), False
                    self.resumed += 1
                if sent >= len(data):
                    break
                part = data[sent : sent + len(data) // 3 + 1]
                status, headers, body = self.server.ask(
                    "PATCH", location, part,
                    {"Content-Type": "application/octet-stream", "Content-Range": f"{sent}-{sent + len(part) - 1}"},
                )  # fmt: skip
                if status == 202:
                    sent += len(part)
                else:
                    cut = True
            except (OSError, http.client.HTTPException):
                cut = True
                time.sleep(0.05)
        if sent < len(data):
            with self.lock:
                self.open.append((location, data))
            return
        try:
            status, _, body = self.server.ask("PUT", f"{location}?digest={digest_of(data)}")
        except (OSError, http.client.HTTPException):
            return
        if status == 201:
            self.acknowledged[digest_of(data)] = len(data)
        elif status < 500 and status != 404:
            self.wrong.append(f"an upload's end was answered {status} {body[:300]}")

    def puller(self, seed):
        dice = random.Random(seed)
        while not self.over():
            digest = dice.choice(self.pulls)
            try:
                status, _, body = self.server.ask("GET", f"/v2/docker.io/acme/many/blobs/{digest}")
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            if status == 200 and digest_of(body) != digest:
                self.wrong.append(f"{digest} was served as {digest_of(body)}")
            elif status == 200:
                self.pulled += 1
            elif status < 500:
                self.wrong.append(f"a pull was answered {status} {body[:200]}")


@scenario("killed again and again while clients push and pull: what was acknowledged is there, and nothing half", "docker-registry")
def killed(case):
    rounds, limit = 15, 40
    pulls = [case.upstream.push_blob("acme/many", random.Random(n).randbytes(n * 150_000 + 1)) for n in range(24)]
    server = case.server()
    stress = Stress(server, pulls, limit)
    began = time.monotonic()
    dice = random.Random(7)
    deaths = 0
    with concurrent.futures.ThreadPoolExecutor(6) as clients, server:
        running = [clients.submit(stress.pusher, seed) for seed in range(4)]
        running += [clients.submit(stress.puller, seed) for seed in range(2)]
        try:
            while deaths < rounds and time.monotonic() - began < limit - 5:
                time.sleep(dice.uniform(0.1, 0.8))
                server.kill()
                deaths += 1
                # The clients are back as soon as it is, and begin files of their own.
                left = set(os.listdir(server.store / "ingest"))
                server.start()
                assert not left & set(os.listdir(server.store / "ingest")), left
        finally:
            stress.until = 0
        for client in running:
            client.result(timeout=60)
        server.kill()
        server.start()
        assert not stress.wrong, stress.wrong[:5]
        assert deaths >= 5 and stress.acknowledged and stress.pulled, (deaths, len(stress.acknowledged), stress.pulled)
        # What was acknowledged, by the server and by the files themselves.
        for digest in stress.acknowledged:
            server.blob("team/kept", digest)
        for digest, tag in stress.manifests.items():
            status, headers, body = server.ask("GET", f"/v2/team/kept/manifests/{tag}", headers={"Accept": ACCEPT})
            assert status == 200 and digest_of(body) == digest == headers["Docker-Content-Digest"], (tag, status, body)
        # What was begun goes on.
        for location, data in stress.open:
            status, headers, _ = server.ask("GET", location)
            assert status in (204, 404), status
            if status == 204:
                last = int(headers["Range"].partition("-")[2])
                have = last + 1 if last else 0
                status, _, body = server.ask(
                    "PUT", f"{location}?digest={digest_of(data)}", data[have:], {"Content-Type": "application/octet-stream"}
                )
                assert status == 201, (status, body)
                server.blob("team/kept", digest_of(data))
        told = server.cache("verify", "--cache", server.store, "--output", "json")
        assert json.loads(told.out)["corrupt"] == [], told.out
        on_disk = server.hashes()
        assert set(stress.acknowledged) | set(stress.manifests) <= on_disk
        assert not os.listdir(server.store / "quarantine")
        assert server.stop() == 0, server.log()
    assert not os.listdir(server.store / "ingest")
    server.cache("verify", "--cache", server.store)
    print(
        f"      {deaths} deaths, {len(stress.acknowledged)} blobs and {len(stress.manifests)} manifests acknowledged, "
        f"{stress.pulled} pulls, {stress.resumed} uploads resumed, {stress.restarted} begun anew, {len(stress.open)} finished at the end"
    )


class Scripted:
    """An upstream that does as it is told: content by address, at a pace, and what it was asked."""

    def __init__(self):
        self.content = {}
        self.asked = []
        self.status = None
        self.pace = None
        scripted = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body=b"", headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "HEAD":
                    return
                step = len(body) if scripted.pace is None else scripted.pace // 20
                for position in range(0, len(body), max(1, step)):
                    self.wfile.write(body[position : position + step])
                    if scripted.pace is not None:
                        time.sleep(0.05)

            def do_GET(self):
                path = self.path.partition("?")[0]
                scripted.asked.append((self.command, path))
                if path == "/v2/":
                    return self.answer(200, b"{}")
                if scripted.status is not None:
                    return self.answer(scripted.status, b"{}", [("Retry-After", "600")])
                media_type, body = scripted.content.get(path.rpartition("/")[2], (None, None))
                if body is None:
                    return self.answer(404, b"{}")
                return self.answer(200, body, [("Content-Type", media_type), ("Docker-Content-Digest", digest_of(body))])

            do_HEAD = do_GET

        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.web.daemon_threads = True
        self.address = f"127.0.0.1:{self.web.server_address[1]}"
        threading.Thread(target=self.web.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.web.shutdown()
        self.web.server_close()

    def add(self, body, media_type="application/octet-stream", tag=None):
        for name in filter(None, (digest_of(body), tag)):
            self.content[name] = (media_type, body)
        return digest_of(body)

    def image(self, tag, *layers):
        config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": self.add(config), "size": len(config)},
            "layers": [
                {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": self.add(data), "size": len(data)} for data in layers
            ],
        }
        return self.add(json.dumps(manifest).encode(), OCI_MANIFEST, tag)


@scenario("told to end while slow pulls run: their clients get every byte, the exit code is 0")
def ends_gracefully(case):
    with Scripted() as upstream:
        slow = upstream.add(random.Random(1).randbytes(12 * MIB))
        upstream.pace = 4 * MIB
        with case.server(upstreams={"docker.io": upstream.address}) as server:
            second = case.server(upstreams={"docker.io": upstream.address})
            refused = second.launch().process.wait(30)
            assert refused == 2 and "another process uses the store" in second.log(), (refused, second.log())
            with concurrent.futures.ThreadPoolExecutor(4) as clients:
                pulls = [clients.submit(server.blob, "docker.io/acme/tool", slow) for _ in range(4)]
                wait_for(lambda: ("GET", f"/v2/acme/tool/blobs/{slow}") in upstream.asked)
                time.sleep(0.5)
                code = server.stop()
                for pull in pulls:
                    pull.result(timeout=30)
            assert code == 0, f"exit {code}\n{server.log()}"
            assert not re.search(r"SEVERE|Exception|\n\s+at ", server.log()), server.log()
            server.start()
            upstream.status = 503
            server.blob("docker.io/acme/tool", slow)


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.02)


@scenario("clients that leave in the middle leave no noise in the log")
def leavers(case):
    with Scripted() as upstream:
        blob = upstream.add(random.Random(2).randbytes(8 * MIB))
        with case.server(upstreams={"docker.io": upstream.address}) as server:
            path = f"/v2/docker.io/acme/tool/blobs/{blob}"
            for _ in range(2):  # on its way from upstream, then from the store
                for _ in range(4):
                    with socket.create_connection(("127.0.0.1", server.port)) as client:
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                        client.recv(1000)
                server.blob("docker.io/acme/tool", blob)
            # A push whose sender dies.
            for _ in range(3):
                with socket.create_connection(("127.0.0.1", server.port)) as client:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    client.sendall(
                        f"POST /v2/team/app/blobs/uploads/?digest={blob} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n".encode()
                        + bytes(100_000)
                    )
                    time.sleep(0.1)
            server.blob("docker.io/acme/tool", blob)
            time.sleep(0.5)
            noise = [line for line in server.log().splitlines() if not re.match(r"(INFO|entrepot|listening)", line)]
            assert not re.search(r"SEVERE|ERROR|Exception|\n\s+at ", server.log()), "\n".join(noise[:40])


# ---- a full disk ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(directory, size):
    place = directory / "disk"
    place.mkdir()
    done = run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place)
    if done.code != 0:
        raise Skip(f"a small file system cannot be mounted here: {done.err.strip()}")
    try:
        yield place
    finally:
        run("umount", "-l", place)


@scenario("a full disk: pulls pass through, pushes are 507, reads go on, and room heals it without a restart")
def full_disk(case):
    with Scripted() as upstream, small_disk(case.directory, "8m") as disk:
        held = upstream.add(random.Random(3).randbytes(MIB))
        big = upstream.add(random.Random(4).randbytes(6 * MIB))
        other = upstream.add(random.Random(5).randbytes(3 * MIB))
        upstream.image("1", b"a layer")
        with case.server(upstreams={"docker.io": upstream.address}, store=disk / "store") as server:
            assert server.push_blob("team/app", b"before")[0] == 201
            server.blob("docker.io/acme/tool", held)
            ballast = disk / "ballast"
            # Room for a part of the next pull, not for all of it.
            ballast.write_bytes(bytes(4 * MIB))
            with concurrent.futures.ThreadPoolExecutor(4) as clients:
                for pull in [clients.submit(server.blob, "docker.io/acme/tool", big) for _ in range(4)]:
                    pull.result(timeout=60)
            server.blob("docker.io/acme/tool", big)
            assert big not in server.hashes()
            # Clients have their last byte before the server has tidied up.
            wait_for(lambda: not os.listdir(disk / "store/ingest"))
            # Not a byte more.
            # Several times: a removed file gives its room back when the last who read it is done.
            for _ in range(4):
                with open(disk / "ballast2", "ab", buffering=0) as more, contextlib.suppress(OSError):
                    while more.write(bytes(4096)):
                        pass
                time.sleep(0.2)
            server.blob("docker.io/acme/tool", other)
            server.blob("docker.io/acme/tool", held)
            status, _, body = server.ask("GET", "/v2/docker.io/acme/tool/manifests/1", headers={"Accept": ACCEPT})
            assert status == 200, f"a manifest on a full disk: {status} {body}"
            for pushed in (server.push_blob("team/app", b"more"), server.push_blob("team/app", bytes(2 * MIB)),
                           server.ask("POST", "/v2/team/app/blobs/uploads/")):  # fmt: skip
                status, headers, body = pushed
                assert status == 507 and json.loads(body)["errors"][0]["message"], (status, body)
            assert server.blob("team/app", digest_of(b"before")) == b"before"
            status, _, body = server.ask("GET", "/readyz")
            # A full disk takes writes out of service, not reads.
            assert status == 200 and b"disk is full" in body, (status, body)
            assert b"entrepot_store_healthy 0" in server.ask("GET", "/metrics")[2]
            assert server.ask("GET", "/livez")[0] == 200
            # Room.
            ballast.unlink()
            (disk / "ballast2").unlink()
            assert server.ask("GET", "/readyz")[0] == 200
            assert server.push_blob("team/app", b"more")[0] == 201
            assert server.push_blob("team/app", bytes(2 * MIB))[0] == 201
            server.blob("docker.io/acme/tool", other)
            wait_for(lambda: not os.listdir(disk / "store/ingest"))
            assert {other, held, digest_of(b"more"), digest_of(b"before")} <= server.hashes()
            assert server.stop() == 0


# ---- the store -----------------------------------------------------------------------------------------------------


@scenario("cache ls, du, rm, gc, verify and warm, on a running server and on a stopped one", "docker-registry")
def cache_commands(case):
    push_busybox(case.upstream, "library/busybox", "1", attest=False)
    expected, manifests, blobs = wanted_of(case.upstream, "library/busybox", "1")
    with case.server() as server:
        store = ("--cache", server.store)
        server.cache("warm", "docker.io/library/busybox:1", "--platform", "linux/amd64", "--server", f"http://{server.address}")
        assert manifests | blobs == server.hashes()
        case.upstream.mark()
        server.cache("warm", "docker.io/library/busybox:1", "--server", f"http://{server.address}")
        fetched = {r.reference for r in case.upstream.requests() if r.method == "GET"}
        assert fetched and not blobs & fetched, fetched
        own = server.push("team/app", b"goods" * 50_000, "dev")
        everything = server.hashes()

        def listed():
            return json.loads(server.cache("ls", "--output", "json", *store).out)["images"]

        def used():
            return json.loads(server.cache("du", "--output", "json", *store).out)

        def look():
            images = {f"{i['repository']}:{i['tag']}": (i["digest"], i["local"]) for i in listed()}
            assert images == {"docker.io/library/busybox:1": (expected, False), "team/app:dev": (own, True)}, images
            size = sum(file.stat().st_size for file in (server.store / "blobs").rglob("*") if file.is_file())
            assert used()["bytes"] == size and used()["contents"] == len(everything), used()
            assert json.loads(server.cache("verify", "--output", "json", *store).out) == {"corrupt": [], "verified": len(everything)}
            assert "team/app:dev" in server.cache("ls", *store).out

        look()
        server.cache("gc", *store)
        assert server.hashes() == everything
        server.cache("rm", "docker.io/library/none:1", *store, code=1)
        assert server.stop() == 0
        look()
        # Rotten bytes are noticed, set aside, and told by the exit code.
        rotten = next(iter(sorted(blobs)))
        file = server.store / "blobs/sha256" / rotten[7:9] / rotten[7:]
        with open(file, "r+b") as content:
            content.write(b"\xff\xff")
        assert rotten in server.cache("verify", *store, code=1).err
        server.cache("verify", *store)
        server.start()
        server.blob("docker.io/library/busybox", rotten)
        server.cache("verify", *store)
        assert "removed" in server.cache("rm", "docker.io/library/busybox", "team/app:dev", *store).out
        assert listed() == []
        before = used()["bytes"]
        server.cache("gc", *store)
        assert used()["bytes"] < before, f"gc freed nothing of {before} bytes"
        assert server.stop() == 0
        server.cache("rm", "nothing/here:1", *store, code=1)
        server.cache("du", *store)
    assert "another process" not in server.log()


@scenario("more is pulled than may be kept: the store stays within maxSize and nothing pushed is lost", "docker-registry")
def eviction(case):
    limit, piece = 24 * MIB, 2 * MIB
    pulls = [case.upstream.push_blob("acme/many", random.Random(n).randbytes(piece)) for n in range(40)]
    with case.server(options=["--max-size", "24MiB"]) as server:
        own = [random.Random(100 + n).randbytes(MIB) for n in range(6)]
        tags = [server.push("team/app", data, f"v{number}") for number, data in enumerate(own)]
        sizes = []
        over = threading.Event()

        def watch():
            while not over.is_set():
                sizes.append(sum(map(size_of, (server.store / "blobs").rglob("*"))))
                time.sleep(0.05)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            with concurrent.futures.ThreadPoolExecutor(4) as clients:
                for pull in [clients.submit(server.blob, "docker.io/acme/many", digest) for digest in pulls]:
                    pull.result(timeout=120)
        finally:
            over.set()
            watcher.join()
        # Each of the four clients may have one on its way that is not counted against the others yet.
        assert max(sizes) <= limit + 5 * piece, f"{max(sizes)} bytes in a store of at most {limit}"
        assert sizes[-1] > limit // 2, f"only {sizes[-1]} bytes were kept of {limit}"
        for number, data in enumerate(own):
            assert server.blob("team/app", digest_of(data)) == data
            status, _, body = server.ask("GET", f"/v2/team/app/manifests/v{number}", headers={"Accept": ACCEPT})
            assert status == 200 and digest_of(body) == tags[number], (status, body)
        # The last ones are held, the first ones are fetched again.
        case.upstream.mark()
        server.blob("docker.io/acme/many", pulls[-1])
        assert count(case.upstream.requests(), "GET", "blob") == 0, tally(case.upstream.requests())
        server.blob("docker.io/acme/many", pulls[0])
        server.cache("verify", "--cache", server.store)


def size_of(path):
    """Of a file; nothing of one that was thrown out meanwhile."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


@scenario("upstream says 429: what is held is served with a Warning that curl shows")
def rate_limited(case):
    with Scripted() as upstream:
        digest = upstream.image("1", b"a layer")
        with case.server(upstreams={"docker.io": upstream.address}, more="tagFreshness: 1s\n") as server:
            url = f"http://{server.address}/v2/docker.io/acme/tool/manifests/1"

            def curl():
                return must(need("curl"), "-s", "-i", "-H", f"Accept: {ACCEPT}", url).out

            fresh = curl()
            assert " 200" in fresh.splitlines()[0] and "warning" not in fresh.lower(), fresh
            upstream.status = 429
            time.sleep(1.2)
            stale = curl()
            assert " 200" in stale.splitlines()[0] and digest in stale, stale
            assert re.search(r"(?im)^warning: 299 - \".*429.*\"", stale), stale
            assert "served from the cache" in server.log(), server.log()
            # It is left alone for a while, and who asks meanwhile is told as well.
            asked = len(upstream.asked)
            assert re.search(r"(?im)^warning: 299", curl())
            assert len(upstream.asked) == asked, upstream.asked[asked:]
            # What is not held: 429 in the end, with a time to come back.
            status, headers, body = server.ask("GET", "/v2/docker.io/acme/other/manifests/1", headers={"Accept": ACCEPT})
            assert status == 429 and headers["Retry-After"] and json.loads(body)["errors"], (status, body)
            upstream.status = None
            assert server.ask("GET", "/v2/docker.io/acme/tool/manifests/" + digest)[0] == 200


# ---- the run -------------------------------------------------------------------------------------------------------


def trials(words):
    for name, function, kind in SCENARIOS:

        def action(function=function, kind=kind):
            available(*filter(None, [kind]))
            with work_directory("es-") as directory, contextlib.ExitStack() as stack:
                function(Case(directory, stack.enter_context(Registry(kind, directory)) if kind else None))

        yield attempt(name, words, function, action)


if __name__ == "__main__":
    end_cleanly()
    sys.exit(close(trials(sys.argv[1:])))
