"""The container image, run: as deploy/kubernetes runs it, on a base that has Java and nothing that Java does not need."""

import base64
import contextlib
import http.client
import os
import pathlib
import re
import resource
import shutil
import signal
import ssl
import subprocess
import sys
import time

import lab
from distribution import Served, build_image
from lab import ROOT, digest_of, environment, free_port, must, push_image, push_index, run, unpacked, work_directory
from scenarios import Skip, attempt, bcrypt, close, need, skopeo_digest
from serve_scenarios import Server

SCENARIOS = []
ARCHITECTURES = {"x86_64": ("amd64", "arm64"), "aarch64": ("arm64", "amd64")}


def scenario(name):
    def register(function):
        SCENARIOS.append((f"container: {name}", function))
        return function

    return register


# ---- a base --------------------------------------------------------------------------------------------------------


def base_layer(home):
    """The Java runtime of the tarball and the libraries that it and Netty's native code are linked with."""
    files, libraries = {}, set()
    runtime = home / "runtime"
    for file in sorted(runtime.rglob("*")):
        name = f"opt/java/{file.relative_to(runtime)}"
        if file.is_symlink():
            files[name] = os.readlink(file)
        elif file.is_file():
            files[name] = file.read_bytes()
    for file in [*runtime.rglob("*"), *(home / "app/native").iterdir()]:
        if file.is_file() and file.read_bytes()[:4] == b"\x7fELF":
            linked = re.findall(r"(/\S+) \(0x", run("ldd", file).out)
            libraries.update(path for path in linked if not path.startswith(str(runtime)))
    assert any("libc.so" in path for path in libraries), libraries
    for path in sorted(libraries):
        files[path.lstrip("/")] = pathlib.Path(path).read_bytes()
    return lab.layer(files)


def push_base(registry, home):
    """This machine's platform for real; the other one only so that jib finds it, nobody here could run it."""
    own, other = ARCHITECTURES[os.uname().machine]
    java = {"Env": ["PATH=/opt/java/bin"], "Entrypoint": ["java"]}
    children = [
        push_image(registry, "base/java", [base_layer(home)], own, **java),
        push_image(registry, "base/java", [lab.layer({"no": b"java"})], other, **java),
    ]
    push_index(registry, "base/java", children, "25")
    return f"{registry.address}/base/java:25"


# ---- who runs it ---------------------------------------------------------------------------------------------------


class Pod:
    """What deploy/kubernetes says of the container."""

    def __init__(self):
        text = (ROOT / "deploy/kubernetes/base/statefulset.yaml").read_text()
        for restriction in ("readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "drop: [ALL]"):
            assert restriction in text, restriction
        self.user, self.group = (int(re.search(rf"runAs{who}: (\d+)", text)[1]) for who in ("User", "Group"))
        self.memory = re.search(r"limits:.*?memory: (\d+)Mi", text, re.S)[1] + "m"
        self.grace = re.search(r"terminationGracePeriodSeconds: (\d+)", text)[1]
        self.arguments = re.search(r"args: \[(.*)\]", text)[1].split(", ")
        self.variables = re.findall(r"- name: ([A-Z_]+)\n +value: (\S+)", text)
        self.mounts = self.mounted(text)
        self.probes = dict(re.findall(r"(\w+)Probe:\n +httpGet: { path: (\S+), port: registry }", text))
        assert len(self.mounts) == 4 and set(self.probes) == {"startup", "liveness", "readiness"}, vars(self)

    @staticmethod
    def mounted(text):
        return re.findall(r"- name: (\w+)\n +mountPath: (\S+)(\n +readOnly: true)?", text)

    def options(self, volumes, settings, overlay=()):
        """Folders stand for the volumes, with the rights that a kubelet gives them for fsGroup."""
        options = [
            "--user", f"{self.user}:{self.group}", "--read-only", "--read-only-tmpfs=false", "--cap-drop=all",
            "--security-opt=no-new-privileges", *(f"--env={name}={value}" for name, value in self.variables),
        ]  # fmt: skip
        for name, path, read_only in [*self.mounts, *overlay]:
            folder = volumes / name
            folder.mkdir(parents=True)
            os.chown(folder, 0, self.group)
            folder.chmod(0o2775)
            options.append(f"--volume={folder}:{path}" + (":ro" if read_only else ""))
        (volumes / "config/proxy.yaml").write_text(settings)
        return options

    def secret(self, file):
        """Its rights by defaultMode 0440 and fsGroup."""
        os.chown(file, 0, self.group)
        file.chmod(0o440)


class Engine:
    """podman, with storage of its own and in the way that this machine lets it run a base."""

    def __init__(self, directory):
        if os.geteuid() != 0:
            raise Skip("!!! THE IMAGE WAS NOT RUN: podman without root needs subordinate users")
        if not shutil.which("podman"):
            raise Skip("!!! THE IMAGE WAS NOT RUN: no podman on this machine")
        self.directory = directory
        self.runtime = "runc"
        self.limits = ()

    def command(self, *arguments):
        storage = self.directory / "podman"
        return [
            "podman", "--root", storage, "--runroot", f"{storage}-run", "--tmpdir", f"{storage}-tmp",
            "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", self.runtime, *arguments,
        ]  # fmt: skip

    def __call__(self, *arguments):
        return run(*self.command(*arguments), env=self.environment(), timeout=120)

    def environment(self):
        return environment(HOME=self.directory, XDG_RUNTIME_DIR=self.directory)

    def running(self, image, *arguments, options=()):
        # podman asks for more than it has, and not everybody may.
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        ceilings = [f"--ulimit=nofile={files}:{files}", "--ulimit=nproc=4096:4096"]
        return self.command("run", "--rm", "--network=host", "--pull=never", *self.limits, *ceilings, *options, image, *arguments)

    def run(self, image, *arguments, options=()):
        return run(*self.running(image, *arguments, options=options), env=self.environment(), timeout=120)

    def find_way(self, base, memory):
        """Judged by the base alone, so that nothing that is wrong with our image looks like a machine that cannot."""
        tried = []
        unconfined = "--security-opt=seccomp=unconfined"
        for limits in ((f"--memory={memory}",), (f"--memory={memory}", unconfined), ("--cgroups=disabled", unconfined)):
            for self.runtime in ("runc", "crun"):
                self.limits = limits
                done = self.run(base, "-version")
                if done.code == 0:
                    print(f"      podman with {self.runtime} {' '.join(limits)}", flush=True)
                    return
                tried.append(f"{self.runtime} {' '.join(limits)}: {done.err.strip()[-200:]}")
        raise Skip("!!! THE IMAGE WAS NOT RUN: podman cannot run any container here\n      " + "\n      ".join(tried))


class Container(Server):
    """`entrepot serve` in a container."""

    def __init__(self, directory, port, engine, image, arguments, options):
        self.directory = directory
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self.log_file = directory / f"container-{port}.log"
        self.engine = engine
        self.name = f"entrepot-{port}"
        self.line = engine.running(image, *arguments, options=[f"--name={self.name}", *options])

    def launch(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in self.line], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.engine.environment()
            )
        return self

    def pid(self):
        done = self.engine("inspect", "--format", "{{.State.Pid}}", self.name)
        assert done.code == 0, str(done)
        return int(done.out)

    def stop(self, grace):
        """As a kubelet ends it, which kills it after the grace; the program's exit code."""
        done = self.engine("stop", "--time", grace, self.name)
        assert done.code == 0, f"{done}\n{self.log()}"
        return self.process.wait(60)

    def kill(self):
        self.engine("rm", "--force", "--time", "0", self.name)
        super().kill()


# ---- the scenario --------------------------------------------------------------------------------------------------


@scenario("runs as deploy/kubernetes says: no root, nothing to write to but its volumes, probed, pulled through, ended")
def runs(directory):
    need("mvn")
    need("skopeo")
    pod = Pod()
    engine = Engine(directory)
    home = unpacked(directory)
    with Server(directory) as upstream:
        registry = Served(upstream)
        base = push_base(registry, home)
        must(*engine.command("pull", "--quiet", "--tls-verify=false", base), env=engine.environment())
        engine.find_way(base, pod.memory)

        image = f"{upstream.address}/ameideio/entrepot:1"
        build_image(directory, base, image)
        must(*engine.command("pull", "--quiet", "--tls-verify=false", image), env=engine.environment())

        version = engine.run(image, "--version", options=["--read-only", "--read-only-tmpfs=false"])
        assert (version.code, version.err) == (0, ""), str(version)
        assert version.out == must(home / "bin/entrepot", "--version").out, str(version)
        more = engine.run(image, "--version", options=["--env=_JAVA_OPTIONS=-Xmx512m -XX:+PrintCommandLineFlags"])
        assert f"-XX:MaxHeapSize={512 << 20} " in more.out, str(more)

        restricted(directory, pod, engine, image, upstream)
        secured(directory, pod, engine, image)
        by_hand(directory, pod, engine, image)
    assert "WARNING" not in upstream.log(), upstream.log()


def restricted(directory, pod, engine, image, upstream):
    port = free_port()
    settings = (ROOT / "deploy/kubernetes/overlays/local/proxy.yaml").read_text()
    listening = settings.replace("0.0.0.0:5000", f"0.0.0.0:{port}")
    assert listening != settings, settings
    listening += f"registries: {{ up.example: {{ endpoints: ['http://{upstream.address}'] }} }}\n"
    options = pod.options(directory / "volumes", listening)
    wanted = skopeo_digest(image)

    server = Container(directory, port, engine, image, pod.arguments, options)
    began = time.monotonic()
    with server:
        print(f"      the first answer after {time.monotonic() - began:.1f} s, podman's own time among them", flush=True)
        for path in pod.probes.values():
            status, _, body = server.ask("GET", path, headers={"User-Agent": "kube-probe/1.34", "Host": f"10.42.0.7:{port}"})
            assert status == 200, (path, status, body)
        pid = server.pid()
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        for name, value in (("Uid", pod.user), ("Gid", pod.group), ("CapEff", "0000000000000000"), ("NoNewPrivs", 1)):
            assert re.search(rf"^{name}:\t{value}$|^{name}:\t({value}\s*){{4}}$", status, re.M), (name, status)
        try:
            pathlib.Path(f"/proc/{pid}/root/app/new").touch()
            raise AssertionError("the root file system can be written")
        except OSError as refused:
            assert "Read-only" in str(refused), refused
        loaded = pathlib.Path(f"/proc/{pid}/maps").read_text()
        assert re.search(r" /app/native/libnetty_transport_native_epoll_\w+\.so\n", loaded), loaded

        through = f"{server.address}/up.example/ameideio/entrepot:1"
        assert skopeo_digest(through) == wanted
        skopeo = ("skopeo", "copy", "--quiet", "--all", "--src-tls-verify=false", "--dest-tls-verify=false")
        must(*skopeo, f"docker://{through}", f"dir:{directory}/copy")
        must(*skopeo, f"dir:{directory}/copy", f"docker://{server.address}/team/app:1")
        assert skopeo_digest(f"{server.address}/team/app:1") == wanted
        assert not list((directory / "volumes/tmp").iterdir()), "something was unpacked to /tmp"
        code = server.stop(pod.grace)
        assert code == 0, (code, server.log())
        assert "stopping" in server.log() and "WARNING" not in server.log(), server.log()

    # The next pod, with the same volumes.
    again = Container(directory, port, engine, image, pod.arguments, options)
    with again:
        assert skopeo_digest(f"{again.address}/team/app:1") == wanted
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(40) == 0, again.log()

    # A mistake in the settings is told apart from a failure, by the exit code and a line that names it.
    (directory / "volumes/config/proxy.yaml").write_text((ROOT / "deploy/kubernetes/base/proxy.yaml").read_text())
    refused = engine.run(image, *pod.arguments, options=options)
    assert refused.code == 2 and "anonymous" in refused.err, str(refused)


class Secured(Container):
    """One that speaks TLS."""

    def ask(self, method, path, body=None, headers=None, timeout=60):
        # As a kubelet, which does not look at the certificate.
        anyone = ssl._create_unverified_context()
        with contextlib.closing(http.client.HTTPSConnection(self.address, timeout=timeout, context=anyone)) as connection:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()


def secured(directory, pod, engine, image):
    """The overlay of the cloud, with its secrets."""
    try:
        need("openssl")
        line = f"ci:{bcrypt('secret')}\n"
    except Skip as reason:
        print(f"      without the cloud's overlay: {reason}", flush=True)
        return
    port = free_port()
    cloud = ROOT / "deploy/kubernetes/overlays/cloud"
    settings = (cloud / "proxy.yaml").read_text().replace("0.0.0.0:5000", f"0.0.0.0:{port}")
    volumes = directory / "cloud"
    options = pod.options(volumes, settings, pod.mounted((cloud / "statefulset.yaml").read_text()))
    certificate, key, users = volumes / "tls/tls.crt", volumes / "tls/tls.key", volumes / "users/htpasswd"
    must(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=entrepot.example.org", "-keyout", key, "-out", certificate,
    )  # fmt: skip
    users.write_text(line)
    for file in (certificate, key, users):
        pod.secret(file)
    with Secured(directory, port, engine, image, pod.arguments, options) as server:
        for path in pod.probes.values():
            assert server.ask("GET", path)[0] == 200, server.log()
        loaded = pathlib.Path(f"/proc/{server.pid()}/maps").read_text()
        assert re.search(r" /app/native/libnetty_tcnative_\w+\.so\n", loaded), loaded
        path = f"/v2/team/app/blobs/uploads/?digest={digest_of(b'any')}"
        assert server.ask("POST", path, b"any")[0] == 401
        ci = {"Authorization": "Basic " + base64.b64encode(b"ci:secret").decode()}
        assert server.ask("POST", path, b"any", ci)[0] == 201, server.log()
        assert server.stop(pod.grace) == 0, server.log()
        assert "WARNING" not in server.log(), server.log()


def by_hand(directory, pod, engine, image):
    """As the README has it, where nobody mounts a /tmp; the store lies in what the image brings for it."""
    port = free_port()
    arguments = ("serve", "--listen", f"127.0.0.1:{port}", "--cache", "/store")
    with Container(directory, port, engine, image, arguments, ()) as server:
        assert server.ask("GET", "/readyz")[0] == 200, server.log()
        assert server.push("team/app", b"any", "1")
        loaded = pathlib.Path(f"/proc/{server.pid()}/maps").read_text()
        assert "/app/native/libnetty_transport_native_epoll" in loaded, loaded
        assert server.stop(pod.grace) == 0, server.log()


def trials(words):
    for name, function in SCENARIOS:

        def action(function=function):
            with work_directory("ec-") as directory:
                # Others have to reach what is mounted from here.
                directory.chmod(0o755)
                function(directory)

        yield attempt(name, words, function, action)


if __name__ == "__main__":
    lab.end_cleanly()
    sys.exit(close(trials(sys.argv[1:])))
