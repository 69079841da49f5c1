"""What is shipped: the tarball on a machine without Java, the container image in a registry, and both of them again."""

import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import lab
from lab import MAVEN, ROOT, digest_of, entrepot, environment, free_port, must, push_image, push_index, run, unpacked, work_directory
from scenarios import Skip, attempt, close, need
from serve_scenarios import Server

SCENARIOS = []


def scenario(name):
    def register(function):
        SCENARIOS.append((f"distribution: {name}", function))
        return function

    return register


class Served(lab.Registry):
    """Our own registry as one that images can be pushed to."""

    def __init__(self, server):
        self.address = server.address
        self.port = server.port


def bare(directory):
    """A PATH with the few programs that any Linux has, and no Java."""
    folder = directory / "bin"
    folder.mkdir()
    for program in ("sh", "readlink", "dirname", "cat", "ls"):
        (folder / program).symlink_to(shutil.which(program))
    return {"PATH": str(folder), "HOME": str(directory), "LANG": "C.UTF-8"}


@scenario("the tarball runs where there is no Java: --version, pin, serve, a TLS upstream")
def without_java(directory):
    need("openssl")
    environment_ = bare(directory)
    home = unpacked(directory)
    program = home / "bin/entrepot"
    # Through links, relative and absolute, and from another folder.
    (directory / "one").symlink_to(program)
    (directory / "two").symlink_to("one")
    for way in (program, directory / "two"):
        assert must(way, "--version", env=environment_, cwd="/").out.startswith("entrepot "), way
    assert must("sh", "-c", "cd entrepot-*/bin && ./entrepot --version", env=environment_, cwd=directory).out
    # What is meant for other programs' Java does not reach this one, and each cache is in use.
    loud = environment_ | {"JAVA_TOOL_OPTIONS": "-Dx=y", "JDK_JAVA_OPTIONS": "--no-such-option"}
    assert must(program, "--version", env=loud).err == ""
    for command in ("serve", "pin", "mirror"):
        said = must(program, command, "--help", env=environment_ | {"ENTREPOT_JAVA_OPTIONS": "-Xlog:aot"}).out
        assert "Using AOT-linked classes: true" in said, said[:2000]

    digest = digest_of(b"any")
    (directory / "images.lock.yaml").write_text(
        "version: 1\nimages:\n  docker.io/library/redis:7.2:\n"
        f"    digest: {digest}\n    target: ghcr.io/acme/mirror/redis:7.2\n    platforms: [linux/amd64]\n"
    )
    values = directory / "pod.yaml"
    values.write_text("kind: Pod\nspec: { containers: [{ image: redis:7.2 }] }\n")
    must(program, "pin", "pod.yaml", env=environment_, cwd=directory)
    assert f"ghcr.io/acme/mirror/redis:7.2@{digest}" in values.read_text()

    certificate, key = directory / "cert.pem", directory / "key.pem"
    must(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate,
    )  # fmt: skip
    plain = Shipped(directory, program, environment_, "store-plain", "")
    with plain:
        registry = Served(plain)
        children = [push_image(registry, "acme/tool", [lab.layer({"a": b"b"})], each) for each in ("amd64", "arm64")]
        index = push_index(registry, "acme/tool", children, "1")
    upstream = Shipped(
        directory, program, environment_, "store-plain", f"tls: {{ certificate: {certificate}, key: {key} }}\n"
    )
    with upstream:
        port = upstream.port
        pull = Shipped(
            directory,
            program,
            environment_,
            "store-pull",
            f"registries: {{ up.example: {{ endpoints: ['https://localhost:{port}'], ca: {certificate} }} }}\n",
        )
        with pull:
            status, _, body = pull.ask("GET", "/v2/up.example/acme/tool/manifests/1")
            assert (status, digest_of(body)) == (200, index["digest"]), (status, pull.log())


class Shipped(Server):
    """`entrepot serve` out of the tarball."""

    def __init__(self, directory, program, variables, store, settings):
        super().__init__(directory, store=directory / store)
        self.program = program
        self.variables = variables
        text = self.settings.read_text()
        if "registries:" in settings:
            text = text.replace("registries: {}\n", "")
        self.settings.write_text(text + settings)
        self.secure = "tls:" in settings

    def launch(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [str(self.program), "serve", "-c", str(self.settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.variables,
            )
        return self

    def start(self):
        if not self.secure:
            return super().start()
        self.launch()
        for _ in range(300):
            if "listening on" in self.log():
                return self
            assert self.process.poll() is None, self.log()
            time.sleep(0.05)
        raise AssertionError(self.log())


@scenario("another user runs the tarball from a folder that nobody may write")
def other_user(directory):
    need("setpriv")
    if os.getuid() != 0:
        raise Skip("needs root to become somebody else")
    variables = bare(directory)
    home = unpacked(directory)
    must("chmod", "-R", "a-w,a+rX", home)
    directory.chmod(0o755)
    store = directory / "nobody"
    store.mkdir()
    os.chown(store, 65534, 65534)
    someone = (shutil.which("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups", home / "bin/entrepot")
    assert must(*someone, "--version", env=variables).out.startswith("entrepot ")
    port = free_port()
    process = subprocess.Popen(
        [*map(str, someone), "serve", "--listen", f"127.0.0.1:{port}", "--cache", str(store / "store")],
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=variables,
        text=True,
    )
    try:
        for line in process.stderr:
            if line.startswith("listening on"):
                break
        else:
            raise AssertionError("did not start")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    must("chmod", "-R", "u+w", home)


@scenario("bash, zsh and fish read the completions, and man the manual page")
def shells(directory):
    home = unpacked(directory)
    share = home / "share"
    script = share / "bash-completion/completions/entrepot"

    def completed(*words):
        quoted = " ".join(f"'{word}'" for word in words)
        done = must(
            "bash",
            "-c",
            f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _entrepot; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            cwd=directory,
        )
        return done.out.split()

    (directory / "some.yaml").touch()
    assert completed("entrepot", "mi") == ["mirror"]
    assert {"serve", "pin", "check"} <= set(completed("entrepot", ""))
    assert completed("entrepot", "mirror", "--dr") == ["--dry-run"]
    assert set(completed("entrepot", "check", "--output", "")) == {"text", "json", "sarif", "github", "junit"}
    assert completed("entrepot", "check", "--output", "=", "sa") == ["sarif"]
    assert completed("entrepot", "serve", "-c", "so") == ["some.yaml"]
    assert completed("entrepot", "pin", "so") == ["some.yaml"]
    assert completed("entrepot", "cache", "wa") == ["warm"]
    # Every option that --help knows.
    for command in completed("entrepot", ""):
        offered = set(completed("entrepot", command, "--"))
        told = must(home / "bin/entrepot", command, "--help").out
        assert offered, command
        assert all(option in told for option in offered), (command, offered)
    for shell, file, check in (
        ("zsh", share / "zsh/site-functions/_entrepot", ("-n",)),
        ("fish", share / "fish/vendor_completions.d/entrepot.fish", ("--no-execute",)),
    ):
        if shutil.which(shell):
            must(shell, *check, file)
        else:
            print(f"      without {shell}, which is not on this machine", flush=True)
    if shutil.which("fish"):
        file = share / "fish/vendor_completions.d/entrepot.fish"
        said = must("fish", "--no-config", "-c", f"source {file}; complete -C 'entrepot check --output s'").out
        assert said.split()[0] == "sarif", said
    page = share / "man/man1/entrepot.1"
    if shutil.which("man"):
        shown = run("man", "--warnings", "-l", page, env=environment(MANPAGER="cat", MANWIDTH="100", LC_ALL="C.UTF-8"))
        assert shown.code == 0 and shown.err == "", str(shown)
        assert "--max-size SIZE" in shown.out and "entrepot mirror" in shown.out, shown.out
    else:
        print("      without man, which is not on this machine", flush=True)


def program(tree):
    """What is in the program's one jar, and the whole of it, by their digests."""
    jar = tree / "distribution/target/entrepot.jar"
    with zipfile.ZipFile(jar) as opened:
        inside = {name: digest_of(opened.read(name)) for name in opened.namelist()}
    return inside | {"entrepot.jar": digest_of(jar.read_bytes())}


@scenario("a second build of the tree, in another folder and by its launcher, makes the same jar")
def reproducible(directory):
    need("mvn")
    tree = directory / "another/and/deeper"
    ignore = shutil.ignore_patterns("target", "work", ".git")
    shutil.copytree(ROOT, tree, ignore=ignore, symlinks=True)
    must(*MAVEN, "-Ddistribution.skip", "package", cwd=ROOT, timeout=600)
    # The launcher lets Maven run on the JDK 25; whoever calls Maven may have it run on an older one.
    must(tree / "entrepot", "--version", timeout=600)
    here, there = program(ROOT), program(tree)
    assert "io/entrepot/proxy/ProxyServer.class" in here and "io/netty/buffer/ByteBuf.class" in here, len(here)
    assert here == there, f"after mvn clean too? {set(here.items()) ^ set(there.items())}"


def build_image(directory, base, reference):
    """Has jib push our image, made on a base, to registries on plain HTTP."""
    must(
        *MAVEN, "-Pimage", f"-Dimage.base={base}", f"-Dimage={reference}", "-Dimage.insecure=true",
        "-Dimage.revision=0123abc", f"-Djib.applicationCache={directory}/jib", f"-Djib.baseImageCache={directory}/jib-base",
        "package", cwd=ROOT, timeout=600,
    )  # fmt: skip


@scenario("jib builds the image for both platforms into serve; skopeo reads it, verify passes it")
def image(directory):
    need("mvn")
    need("skopeo")
    with Server(directory) as server:
        registry = Served(server)
        children = [push_image(registry, "base/java", [lab.layer({"x": each.encode()})], each) for each in ("amd64", "arm64")]
        push_index(registry, "base/java", children, "25")
        reference = f"{server.address}/ameideio/entrepot:0.1.0"
        base = f"{server.address}/base/java:25"
        build_image(directory, base, reference)
        skopeo = ("skopeo", "inspect", "--tls-verify=false")
        index = must(*skopeo, "--raw", f"docker://{reference}").out
        for architecture in ("amd64", "arm64"):
            told = must(*skopeo, "--override-arch", architecture, "--config", f"docker://{reference}").out
            settings = lab.json.loads(told)
            assert settings["architecture"] == architecture, told
            assert settings["config"]["User"] == "65532:65532", told
            labels = settings["config"]["Labels"]
            assert labels["org.opencontainers.image.revision"] == "0123abc", told
            assert labels["org.opencontainers.image.source"].endswith("/entrepot"), told
        verified = entrepot("verify", reference, "--platform", "linux/amd64", "--platform", "linux/arm64", env=environment(HOME=directory))
        assert verified.code == 0, str(verified)
        # The same again: nothing in it tells when it was made.
        build_image(directory, base, reference)
        assert must(*skopeo, "--raw", f"docker://{reference}").out == index
        assert "WARNING" not in server.log(), server.log()


def trials(words):
    for name, function in SCENARIOS:

        def action(function=function):
            with work_directory("ed-") as directory:
                function(directory)

        yield attempt(name, words, function, action)


if __name__ == "__main__":
    lab.end_cleanly()
    sys.exit(close(trials(sys.argv[1:])))
