"""What real registries, real images and other people's programs say about what `entrepot` did.

Each function marked @scenario is one case. It fails by an AssertionError and is left out by Skip. Digests are
told by skopeo, crane and regctl; requests are counted from the registries' own access logs.
"""

import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import traceback
import warnings

from lab import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    Registry,
    Serve,
    count,
    digest_of,
    end_cleanly,
    entrepot,
    environment,
    layer,
    must,
    push_artifact,
    push_attestation,
    push_image,
    push_index,
    run,
    tally,
    work_directory,
)

HERE = pathlib.Path(__file__).resolve().parent
SCENARIOS = []


class Skip(Exception):
    """The case cannot be tried on this machine; says why."""


def scenario(name, *pairs):
    """Registers a case, once for each pair of (source, target) kinds of registry."""

    def register(function):
        for pair in pairs or [("docker-registry", "docker-registry")]:
            SCENARIOS.append((f"{name} [{pair[0]} -> {pair[1]}]", function, pair))
        return function

    return register


ALL_PAIRS = [
    ("docker-registry", "docker-registry"),
    ("docker-registry", "distribution"),
    ("distribution", "docker-registry"),
    ("distribution", "referrers"),
    ("referrers", "distribution"),
    ("referrers", "referrers"),
]


class Case:
    """A source, a target and a directory of one scenario, and what is asked of the program there."""

    def __init__(self, directory, source, target):
        self.directory, self.source, self.target = directory, source, target
        self.home = directory / "home"
        self.home.mkdir()

    def mirror_file(self, images, referrers=False, more=""):
        entries = "\n".join(f"  - {entry}" for entry in images)
        (self.directory / "mirror.yaml").write_text(
            f"target: {self.target.address}/mirror\nplatforms: [linux/amd64, linux/arm64]\n"
            f"referrers: {str(referrers).lower()}\n{more}images:\n{entries}\n"
        )

    def entrepot(self, *arguments, code=0, **variables):
        done = entrepot(*arguments, cwd=self.directory, env=environment(HOME=self.home, **variables))
        assert done.code == code, f"expected exit {code}\n{done}"
        return done

    def mirror(self, *arguments, code=0, **variables):
        reads_only = {"--check", "--dry-run"} & set(arguments)
        report = [] if reads_only else ["--report", "report.json"]
        return self.entrepot("mirror", "-c", "mirror.yaml", *report, *arguments, code=code, **variables)

    def report(self):
        return json.loads((self.directory / "report.json").read_text())

    def lock(self):
        return (self.directory / "images.lock.yaml").read_text()

    def src(self, repository):
        return f"{self.source.address}/{repository}"

    def dst(self, repository):
        return f"{self.target.address}/mirror/{repository}"

    def mark(self):
        self.source.mark()
        self.target.mark()


def busybox_files(architecture):
    """The files of Debian's static busybox for an architecture."""
    packages = sorted((HERE / "work").glob(f"busybox-static_*_{architecture}.deb"))
    if not packages:
        raise Skip("busybox-static could not be downloaded")
    unpacked = HERE / "work" / f"busybox-{architecture}"
    if not unpacked.exists():
        fresh = HERE / "work" / f"busybox-{architecture}.{os.getpid()}"
        must("dpkg-deb", "-x", packages[-1], fresh)
        fresh.rename(unpacked)
    program = next(path for path in (unpacked / "bin/busybox", unpacked / "usr/bin/busybox") if path.exists())
    links = {f"bin/{name}": "busybox" for name in ("sh", "echo", "uname", "cat", "ls")}
    return {"bin/busybox": program.read_bytes(), **links, "etc/passwd": b"root:x:0:0:root:/:/bin/sh\n"}


def push_busybox(registry, repository, tag, note=b"", attest=True):
    """A two-platform index with Debian's busybox and, as BuildKit does, an attestation for each platform."""
    common = layer({"usr/share/doc/note": b"entrepot interop " + note})
    images = [
        push_image(registry, repository, [layer(busybox_files(architecture)), common], architecture)
        for architecture in ("amd64", "arm64")
    ]
    attestations = [push_attestation(registry, repository, image) for image in images] if attest else []
    return push_index(registry, repository, images + attestations, tag)


def need(program):
    if not shutil.which(program):
        raise Skip(f"no {program} on this machine")
    return program


def skopeo_digest(reference):
    """The SHA-256 of the bytes skopeo gets, and no word of the registry's own."""
    raw = subprocess.run(
        [need("skopeo"), "inspect", "--raw", "--tls-verify=false", f"docker://{reference}"],
        capture_output=True,
        env=environment(),
    )
    assert raw.returncode == 0, raw.stderr.decode()
    return digest_of(raw.stdout)


def arrived(case, source, target, validate=True):
    """Every other program here agrees that the target is what the source is."""
    expected = skopeo_digest(source)
    assert skopeo_digest(target) == expected, f"{target} is not {expected}"
    crane = need("crane")
    assert must(crane, "digest", "--insecure", target).out.strip() == expected
    if validate:
        must(crane, "validate", "--insecure", "--remote", target)
    host = f"reg={target.partition('/')[0]},tls=disabled"
    assert must(need("regctl"), "--host", host, "manifest", "head", target).out.strip() == expected
    return expected


# ---- copying -------------------------------------------------------------------------------------------------------


@scenario("a set of real images is copied bit for bit, and other programs agree", *ALL_PAIRS)
def copies_everything(case):
    index = push_busybox(case.source, "library/busybox", "1.35", attest=False)
    attested = push_busybox(case.source, "acme/attested", "2.0", b"attested")
    chart = push_artifact(
        case.source,
        "acme/chart",
        None,
        {"application/vnd.cncf.helm.chart.content.v1.tar+gzip": layer({"chart/Chart.yaml": b"name: chart\n"})[0]},
        tag="1.5.4",
        config_type="application/vnd.cncf.helm.config.v1+json",
        config=b'{"apiVersion":"v2","name":"chart","version":"1.5.4"}',
    )
    case.mirror_file(
        [
            case.src("library/busybox:1.35"),
            f"source: {case.src('acme/attested:2.0')}\n    as: attested",
            f"artifact: {case.src('acme/chart:1.5.4')}",
        ]
    )
    case.mirror()

    assert arrived(case, case.src("library/busybox:1.35"), case.dst("busybox:1.35")) == index["digest"]
    # crane reads each layer as a tar, which an attestation's is not.
    arrived(case, case.src("acme/attested:2.0"), case.dst("attested:2.0"), validate=False)
    arrived(case, case.src("acme/chart:1.5.4"), case.dst("acme-chart:1.5.4"))
    for entry in json.loads(case.target.manifest("mirror/attested", "2.0"))["manifests"]:
        assert case.target.manifest("mirror/attested", entry["digest"]), f"{entry} is missing at the target"
    lock = case.lock()
    for descriptor in (index, attested, chart):
        assert descriptor["digest"] in lock, lock
    outcomes = [image["outcome"] for image in case.report()["images"]]
    assert outcomes == ["copied"] * 3, outcomes


@scenario("an image packed by crane, in Docker's own media types, passes crane's validation at the target", ("docker-registry", "distribution"))
def copies_docker_types(case):
    crane = need("crane")
    references = []
    for architecture in ("amd64", "arm64"):
        files = case.directory / f"{architecture}.tar.gz"
        files.write_bytes(layer(busybox_files(architecture))[0])
        reference = case.src(f"acme/packed:{architecture}")
        must(crane, "append", "--insecure", "-f", files, "-t", reference)
        must(
            crane, "mutate", "--insecure", reference, f"--set-platform=linux/{architecture}",
            "--entrypoint=/bin/busybox", "-t", reference,
        )
        references += ["-m", reference]
    must(crane, "index", "append", "--insecure", "--docker-empty-base", *references, "-t", case.src("acme/packed:3"))
    assert json.loads(case.source.manifest("acme/packed", "3"))["mediaType"] == DOCKER_LIST
    case.mirror_file([case.src("acme/packed:3")])
    case.mirror()
    arrived(case, case.src("acme/packed:3"), case.dst("acme-packed:3"))
    children = json.loads(case.target.manifest("mirror/acme-packed", "3"))["manifests"]
    assert {child["mediaType"] for child in children} == {DOCKER_MANIFEST}


@scenario("signatures, attachments and referrers travel along", *ALL_PAIRS)
def copies_referrers(case):
    index = push_busybox(case.source, "acme/signed", "1.0")
    signature = push_artifact(
        case.source,
        "acme/signed",
        None,
        {"application/vnd.dev.cosign.simplesigning.v1+json": b'{"critical":{"type":"cosign container image signature"}}'},
        tag=index["digest"].replace(":", "-") + ".sig",
        config_type="application/vnd.oci.image.config.v1+json",
        config=b'{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}',
    )
    # Attached by another program, in the way its registry offers: the referrers API or the fallback tag.
    sbom = case.directory / "sbom.json"
    sbom.write_text('{"spdxVersion":"SPDX-2.3"}')
    host = f"reg={case.source.address},tls=disabled"
    must(
        need("regctl"), "--host", host, "artifact", "put", "--artifact-type", "application/spdx+json",
        "-f", sbom, "--subject", case.src("acme/signed:1.0"),
    )
    case.mirror_file([case.src("acme/signed:1.0")], referrers=True)
    case.mirror()

    arrived(case, case.src("acme/signed:1.0"), case.dst("acme-signed:1.0"), validate=False)
    tag = index["digest"].replace(":", "-") + ".sig"
    assert skopeo_digest(case.dst(f"acme-signed:{tag}")) == signature["digest"]
    listed = []
    for registry, reference in ((case.source, case.src("acme/signed:1.0")), (case.target, case.dst("acme-signed:1.0"))):
        answer = must(
            "regctl", "--host", f"reg={registry.address},tls=disabled", "artifact", "list", reference,
            "--format", "{{json .}}",
        )
        listed.append(sorted(entry["digest"] for entry in json.loads(answer.out)["descriptors"] or []))
    assert listed[0] and listed[0] == listed[1], f"referrers at the source {listed[0]}, at the target {listed[1]}"

    case.mark()
    case.mirror()
    source, target = case.source.requests(), case.target.requests()
    assert count(source, "GET", "manifest") == 0, tally(source)
    spent = sum(tally(source).values()) + sum(tally(target).values())
    # Two for the image, three to learn that nothing new is attached, one more at each side for the signature's own
    # tag; and once a run each registry is asked whether it has the referrers API.
    assert spent <= 2 + 3 + 2 + 2, f"unchanged with referrers: source {tally(source)}, target {tally(target)}"


@scenario("an unchanged run costs one HEAD at the source and one at the target, by the servers' logs", *ALL_PAIRS[:4])
def unchanged_run(case):
    names = [f"acme/tool-{number}" for number in range(4)]
    for name in names:
        push_busybox(case.source, name, "1", name.encode())
    case.mirror_file([case.src(f"{name}:1") for name in names])
    case.mirror()
    lock = case.lock()
    case.mark()
    case.mirror()
    for registry in (case.source, case.target):
        assert tally(registry.requests()) == {"HEAD manifest": len(names)}, tally(registry.requests())
    assert case.lock() == lock
    assert {image["outcome"] for image in case.report()["images"]} == {"unchanged"}


@scenario("a blob that images share crosses the source's wire once", *ALL_PAIRS[:3])
def shared_blobs(case):
    for number in range(4):
        push_busybox(case.source, f"acme/shared-{number}", "1", attest=False)
    case.mirror_file([case.src(f"acme/shared-{number}:1") for number in range(4)])
    case.mark()
    case.mirror()
    fetched = [request.reference for request in case.source.requests() if (request.method, request.kind) == ("GET", "blob")]
    assert sorted(fetched) == sorted(set(fetched)), tally(case.source.requests())
    for number in range(4):
        arrived(case, case.src(f"acme/shared-{number}:1"), case.dst(f"acme-shared-{number}:1"))


@scenario("--dry-run tells the plan and writes nothing")
def dry_run(case):
    push_busybox(case.source, "acme/tool", "1")
    case.mirror_file([case.src("acme/tool:1")])
    case.mark()
    done = case.mirror("--dry-run")
    assert case.src("acme/tool:1") in done.out and case.dst("acme-tool:1") in done.out, str(done)
    written = [request for request in case.target.requests() if request.method not in ("GET", "HEAD")]
    assert not written and not case.target.tags("mirror/acme-tool"), written
    # The two configurations are read, to tell what a run would refuse; no layer is.
    assert count(case.source.requests(), "GET", "blob") == 2, tally(case.source.requests())


# ---- change --------------------------------------------------------------------------------------------------------


@scenario("a tag that moves: --check names both digests, a run keeps the former one reachable", *ALL_PAIRS[:2])
def moving_tag(case):
    before = push_busybox(case.source, "acme/rolling", "latest", b"before")
    case.mirror_file([case.src("acme/rolling:latest")])
    case.mirror()
    case.mirror("--check")
    after = push_busybox(case.source, "acme/rolling", "latest", b"after")
    case.mark()
    done = case.mirror("--check", code=3)
    for digest in (before["digest"], after["digest"]):
        assert digest in done.out + done.err, str(done)
    written = [request for request in case.target.requests() if request.method not in ("GET", "HEAD")]
    assert not written, written
    case.mirror()
    arrived(case, case.src("acme/rolling:latest"), case.dst("acme-rolling:latest"), validate=False)
    kept = "latest_" + before["digest"].removeprefix("sha256:")[:12]
    assert skopeo_digest(case.dst(f"acme-rolling:{kept}")) == before["digest"]


@scenario("--locked copies the lock's digest though the tag has moved")
def locked(case):
    before = push_busybox(case.source, "acme/tool", "1", b"before", attest=False)
    case.mirror_file([case.src("acme/tool:1")])
    case.mirror()
    push_busybox(case.source, "acme/tool", "1", b"after", attest=False)
    elsewhere = Registry("docker-registry", case.directory)
    with elsewhere:
        for name in ("mirror.yaml", "images.lock.yaml"):
            text = (case.directory / name).read_text()
            (case.directory / name).write_text(text.replace(case.target.address, elsewhere.address))
        case.mark()
        case.mirror("--locked")
        reference = f"{elsewhere.address}/mirror/acme-tool:1"
        assert skopeo_digest(reference) == before["digest"]
        must(need("crane"), "validate", "--insecure", "--remote", reference)
    asked = [request for request in case.source.requests() if request.kind == "manifest" and ":" not in request.reference]
    assert not asked, f"a tag was resolved: {asked}"


@scenario("a target whose child manifest is gone is healed", *ALL_PAIRS[:2])
def healing(case):
    push_busybox(case.source, "acme/tool", "1", attest=False)
    case.mirror_file([case.src("acme/tool:1")])
    case.mirror()
    (case.directory / "images.lock.yaml").unlink()
    child = json.loads(case.target.manifest("mirror/acme-tool", "1"))["manifests"][1]["digest"]
    case.target.delete_manifest("mirror/acme-tool", child)
    assert run(need("crane"), "validate", "--insecure", "--remote", case.dst("acme-tool:1")).code != 0
    case.mark()
    case.mirror()
    arrived(case, case.src("acme/tool:1"), case.dst("acme-tool:1"))
    healed = json.loads(case.target.manifest("mirror/acme-tool", child))
    fetched = {request.reference for request in case.source.requests() if (request.method, request.kind) == ("GET", "blob")}
    # Its configuration is read to be verified; its layers were still at the target.
    assert not fetched & {blob["digest"] for blob in healed["layers"]}, fetched


@scenario("a run killed half way leaves no tag, and the next one sends only what is missing")
def killed(case):
    blobs = [layer({f"data-{number}": os.urandom(48 << 20)}) for number in range(4)]
    images = [
        push_image(case.source, "acme/big", [layer(busybox_files(architecture)), *blobs[half : half + 2]], architecture)
        for architecture, half in (("amd64", 0), ("arm64", 2))
    ]
    push_index(case.source, "acme/big", images, "1")
    case.mirror_file([case.src("acme/big:1")])
    process = subprocess.Popen(
        [HERE.parents[1] / "entrepot", "mirror", "-c", "mirror.yaml"],
        cwd=case.directory,
        env=environment(HOME=case.home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    committed = 0
    # The launcher becomes the Java program, so the signal meets the program itself.
    while time.monotonic() < deadline and process.poll() is None and not committed:
        lines = case.target.log_file.read_text()
        committed = sum(1 for line in lines.splitlines() if '"PUT' in line and "/blobs/uploads/" in line)
        time.sleep(0.005)
    process.kill()
    process.wait()
    if case.target.tags("mirror/acme-big"):
        raise Skip("the copy was done before it could be killed")
    case.mark()
    case.mirror()
    arrived(case, case.src("acme/big:1"), case.dst("acme-big:1"))
    # A blob's PUT may have been logged as the signal came: what was committed before is not sent again.
    total = 2 + len(blobs) + 2
    sent = count(case.target.requests(), "PUT", "upload")
    assert sent <= total - committed, f"{committed} of {total} blobs were there, yet {sent} were sent"


# ---- refusals ------------------------------------------------------------------------------------------------------


@scenario("a single manifest where a list is required is refused, and the others are copied")
def no_list(case):
    push_image(case.source, "acme/single", [layer(busybox_files("amd64"))], "amd64", tag="1")
    push_busybox(case.source, "acme/good", "1", attest=False)
    case.mirror_file([case.src("acme/single:1"), case.src("acme/good:1")])
    done = case.mirror(code=1)
    assert "no manifest list" in done.out + done.err and "linux/amd64" in done.out + done.err, str(done)
    assert not case.target.tags("mirror/acme-single")
    arrived(case, case.src("acme/good:1"), case.dst("acme-good:1"))


@scenario("an index whose arm64 entry has an amd64 configuration is refused")
def lying_config(case):
    amd64 = push_image(case.source, "acme/liar", [layer(busybox_files("amd64"))], "amd64")
    entry = amd64 | {"platform": {"architecture": "arm64", "os": "linux"}}
    push_index(case.source, "acme/liar", [amd64, entry], "1")
    case.mirror_file([case.src("acme/liar:1")])
    done = case.mirror(code=1)
    assert "arm64" in done.out + done.err and "amd64" in done.out + done.err, str(done)
    assert not case.target.tags("mirror/acme-liar")


@scenario("verify --deep names the binary of the wrong architecture")
def deep(case):
    good = push_busybox(case.source, "acme/true", "1", attest=False)
    amd64 = push_image(case.source, "acme/liar", [layer(busybox_files("amd64"))], "amd64")
    claimed = push_image(case.source, "acme/liar", [layer(busybox_files("amd64"))], "arm64")
    push_index(case.source, "acme/liar", [amd64, claimed], "1")
    platforms = ("--platform", "linux/amd64", "--platform", "linux/arm64")
    case.entrepot("verify", "--deep", *platforms, case.src("acme/true:1"))
    case.entrepot("verify", *platforms, case.src("acme/liar:1"))
    done = case.entrepot("verify", "--deep", *platforms, case.src("acme/liar:1"), code=1)
    told = done.out + done.err
    for word in ("/bin/busybox", "arm64", "amd64"):
        assert word in told, f"{word} is not named\n{done}"
    assert good["digest"]


@scenario("a registry that wants a password gets it, and a wrong one is told plainly")
def credentials(case):
    users = case.directory / "users"
    # bcrypt of "s3cret-word"
    users.write_text("mirror:" + bcrypt("s3cret-word") + "\n")
    guarded = Registry("docker-registry", case.directory, f"auth:\n  htpasswd:\n    realm: entrepot\n    path: {users}\n")
    with guarded:
        push_busybox(case.source, "acme/tool", "1", attest=False)
        text = (
            f"target: {guarded.address}/mirror\nplatforms: [linux/amd64, linux/arm64]\nreferrers: false\n"
            f"registries:\n  {guarded.address}:\n    credentials: {{ username: mirror, password: '${{SECRET}}' }}\n"
            f"images:\n  - {case.src('acme/tool:1')}\n"
        )
        (case.directory / "mirror.yaml").write_text(text)
        done = case.mirror(code=1, SECRET="wr0ng-word")
        assert "wr0ng-word" not in done.out + done.err + json.dumps(case.report()), "the password is shown"
        assert guarded.address in done.out + done.err, str(done)
        case.mirror(SECRET="s3cret-word")
        assert must(
            need("skopeo"), "inspect", "--raw", "--tls-verify=false", "--creds=mirror:s3cret-word",
            f"docker://{guarded.address}/mirror/acme-tool:1",
        ).out.encode() == case.source.manifest("acme/tool", "1")


def bcrypt(password):
    try:
        with warnings.catch_warnings(action="ignore"):
            import crypt
    except ImportError:
        raise Skip("this Python has no crypt module to make a bcrypt hash with") from None
    return crypt.crypt(password, "$2y$05$entrepotentrepotentrep")


# ---- other commands, other programs --------------------------------------------------------------------------------


@scenario("assemble makes one list out of two tags, the same bytes each time", *ALL_PAIRS[:2])
def assemble(case):
    for architecture in ("amd64", "arm64"):
        push_image(case.source, "acme/parts", [layer(busybox_files(architecture))], architecture, tag=f"1-{architecture}")
    entry = (
        "assemble:\n"
        f"      linux/amd64: {case.src('acme/parts:1-amd64')}\n"
        f"      linux/arm64: {case.src('acme/parts:1-arm64')}\n"
        f"    target: {case.dst('whole:1')}"
    )
    case.mirror_file([entry])
    case.mirror()
    must(need("crane"), "validate", "--insecure", "--remote", case.dst("whole:1"))
    digest = skopeo_digest(case.dst("whole:1"))
    index = json.loads(case.target.manifest("mirror/whole", "1"))
    assert index["mediaType"] == OCI_INDEX and len(index["manifests"]) == 2, index
    (case.directory / "images.lock.yaml").unlink()
    case.target.delete_manifest("mirror/whole", digest)
    case.mirror()
    assert skopeo_digest(case.dst("whole:1")) == digest


@scenario("copy, digest, tags and inspect agree with crane", ("distribution", "docker-registry"))
def small_commands(case):
    push_busybox(case.source, "acme/tool", "1", attest=False)
    push_busybox(case.source, "acme/tool", "2", b"two", attest=False)
    crane = need("crane")
    expected = must(crane, "digest", "--insecure", case.src("acme/tool:2")).out.strip()
    assert expected in case.entrepot("digest", case.src("acme/tool:2")).out
    assert case.entrepot("tags", case.src("acme/tool")).out.split() == must(crane, "ls", "--insecure", case.src("acme/tool")).out.split()
    assert expected in case.entrepot("inspect", case.src("acme/tool:2")).out
    case.entrepot("copy", case.src("acme/tool:2"), case.dst("copied:2"))
    arrived(case, case.src("acme/tool:2"), case.dst("copied:2"))


@scenario("the amd64 image that was copied runs", ("docker-registry", "distribution"))
def runs(case):
    push_busybox(case.source, "acme/tool", "1", attest=False)
    case.mirror_file([case.src("acme/tool:1")])
    case.mirror()
    assert run_amd64(case, case.dst("acme-tool:1"), "echo", "it runs") == "it runs"


def run_amd64(case, reference, *words):
    """What a container of an image says when its entrypoint is told some words."""
    runtime = next(filter(shutil.which, ("runc", "crun")), None)
    if runtime is None or os.geteuid() != 0 or os.uname().machine != "x86_64":
        raise Skip("needs runc or crun, root, and an amd64 machine")
    bundle = case.directory / "bundle"
    root = bundle / "rootfs"
    root.mkdir(parents=True)
    files = case.directory / "rootfs.tar"
    must(need("crane"), "export", "--insecure", "--platform=linux/amd64", reference, files)
    must("tar", "-xf", files, "-C", root)
    must(runtime, "spec", cwd=bundle)
    spec = json.loads((bundle / "config.json").read_text())
    image = json.loads(must("crane", "config", "--insecure", "--platform=linux/amd64", reference).out)
    spec["process"] |= {"terminal": False, "args": [*image["config"]["Entrypoint"], *words]}
    # Neither a network nor a control group is needed to say three words.
    spec["linux"].pop("resources", None)
    spec["mounts"] = [mount for mount in spec["mounts"] if mount["type"] not in ("cgroup", "mqueue", "sysfs")]
    (bundle / "config.json").write_text(json.dumps(spec))
    done = must(runtime, "--root", case.directory / "state", "run", "--bundle", bundle, f"entrepot-{os.getpid()}")
    return done.out.strip()


@scenario("a composed image runs, other programs find it sound, and made again it is the same", ("docker-registry", "distribution"))
def composes(case):
    push_busybox(case.source, "acme/base", "1", attest=False)
    push_busybox(case.source, "acme/tool", "1", note=b"tool", attest=False)
    (case.directory / "say.sh").write_text("#!/bin/sh\nexec /opt/tools/busybox echo \"$@\"\n")
    case.mirror_file([])
    entry = (
        f"  - compose:\n      base: {case.src('acme/base:1')}\n      add:\n"
        f"        - {{ image: {case.src('acme/tool:1')}, path: /bin/busybox, to: /opt/tools/busybox }}\n"
        "        - { file: say.sh, to: /opt/say, mode: \"0755\" }\n"
        "      config: { entrypoint: [/opt/say] }\n"
        f"    target: {case.dst('runner:1')}\n"
    )
    file = case.directory / "mirror.yaml"
    file.write_text(file.read_text() + entry)
    case.mirror()
    first = skopeo_digest(case.dst("runner:1"))
    must(need("crane"), "validate", "--insecure", "--remote", case.dst("runner:1"))
    assert run_amd64(case, case.dst("runner:1"), "it", "runs") == "it runs"
    case.mark()
    case.mirror()
    assert count(case.source.requests(), "GET") == 0, tally(case.source.requests())
    file.write_text(file.read_text().replace("runner:1", "runner:2"))
    (case.directory / "images.lock.yaml").unlink()
    case.mirror()
    assert skopeo_digest(case.dst("runner:2")) == first


# ---- entrepot serve ------------------------------------------------------------------------------------------------


@scenario("the OCI conformance suite passes, local and through a proxy")
def conformance(case):
    done = run(HERE / "conformance", timeout=1500)
    print(done.out, done.err, sep="", end="", flush=True)
    if done.code == 3:
        raise Skip("the suite is not to be had; the next scenario asks what the specification says, which is less")
    assert done.code == 0, str(done)


@scenario("what the distribution specification says, local and through proxies of entrepot and others", *ALL_PAIRS[1:2])
def specification(case):
    asked = HERE / "specification.py"
    with Serve(case.directory) as local:
        must(sys.executable, asked, "local", local.address)
        upstreams = [local.address, case.source.address, case.target.address]
        with Serve(case.directory, upstreams) as proxy:
            for number, upstream in enumerate(upstreams):
                contents = case.directory / f"contents-{number}.json"
                must(sys.executable, asked, "fill", upstream, contents)
                must(sys.executable, asked, "read", f"{proxy.address}/{proxy.path_of(upstream)}", contents)


# ---- the gate ------------------------------------------------------------------------------------------------------


FIXTURES = HERE.parent / "fixtures"
CI = HERE.parents[1] / "deploy" / "ci" / "entrepot-ci"


class GitOps:
    """The fixture's GitOps tree in a scenario's directory: its foreign registries are the source, ghcr.io is the target."""

    def __init__(self, case):
        for program in ("helm", "kustomize", "git"):
            need(program)
        self.case = case
        self.tree = case.directory / "gitops"
        shutil.copytree(FIXTURES / "gitops", self.tree)
        registries = "registries:\n" + "".join(
            f"  {name}: {{ endpoints: [http://{registry.address}] }}\n"
            for name, registry in (("docker.io", case.source), ("quay.io", case.source), ("ghcr.io", case.target))
        )
        for name in ("mirror.yaml", "check.yaml"):
            file = self.tree / name
            file.write_text(registries + file.read_text())
        self.digests = {}
        for line in (FIXTURES / "images.tsv").read_text().splitlines():
            if line.startswith("#"):
                continue
            written, kind, platforms, reference = line.split("\t")
            name, _, tag = reference.partition("/")[2].rpartition(":")
            registry = case.target if reference.startswith("ghcr.io/") else case.source
            # What the mirror holds comes there by mirroring.
            if kind == "list" and not name.startswith("acme/mirror/"):
                seed = f"{name.rpartition('/')[2]}:{tag}"
                children = [
                    push_image(registry, name, [layer({"etc/image": f"{seed} {each}".encode()})], each.partition("/")[2])
                    for each in platforms.split(",")
                ]
                self.digests[written] = push_index(registry, name, children, tag)["digest"]
        for file in filter(pathlib.Path.is_file, self.tree.rglob("*")):
            text = before = file.read_text()
            for written, digest in self.digests.items():
                text = text.replace("sha256:" + written * 32, digest)
            if text != before:
                file.write_text(text)

    def ci(self, *steps, code=0, **variables):
        done = run(CI, *steps, cwd=self.tree, env=environment(HOME=self.case.home, **variables))
        assert done.code == code, f"expected exit {code}\n{done}"
        return done

    def check(self, *arguments, code=0):
        done = entrepot("check", *arguments, cwd=self.tree, env=environment(HOME=self.case.home))
        assert done.code == code, f"expected exit {code}\n{done}"
        return done

    def edit(self, file, old, new):
        path = self.tree / file
        text = path.read_text()
        assert text.count(old) == 1, (file, old)
        path.write_text(text.replace(old, new))


@scenario("what CI runs, step by step: mirror, pin, check, and a change that is refused", ("docker-registry", "distribution"))
def ci_step_by_step(case):
    gitops = GitOps(case)
    (gitops.tree / "images.lock.yaml").unlink()
    gitops.ci("mirror", "pin")
    lock = (gitops.tree / "images.lock.yaml").read_text()
    for name in ("busybox:1.36", "grafana:12.1.0", "loki:3.5.7", "redis:7.4", "node-exporter:v1.9.1"):
        assert f"target: ghcr.io/acme/mirror/{name}\n" in lock, lock
    gitops.ci("pull-request")
    assert '"2.1.0"' in (gitops.tree / "entrepot-reports/check.sarif").read_text()

    gitops.edit("infrastructure/controllers/cache.yaml", "acme/mirror/redis", "library/redis")
    gitops.edit("infrastructure/controllers/cache.yaml", "registry: ghcr.io", "registry: docker.io")
    done = gitops.ci("pull-request", code=1)
    assert "docker-hub: " in done.out and "429" in done.out, str(done)
    # And what pin makes of it is what the gate asks for.
    gitops.ci("pin")
    gitops.ci("pull-request")


@scenario("the gate sees a copy that lost a platform, and a tag that is gone", ("docker-registry", "docker-registry"))
def check_asks_the_registry(case):
    gitops = GitOps(case)
    gitops.ci("mirror", "pin")
    assert json.loads(gitops.check("--output", "json").out)["findings"] == []
    push_index(
        case.target,
        "acme/mailer",
        [push_image(case.target, "acme/mailer", [layer({"etc/image": b"amd64 alone"})], "amd64")],
        "3.0.2",
    )
    alone = digest_of(case.target.manifest("acme/mailer", "3.0.2"))
    gitops.edit("apps/mailer/base/mailer.yaml", f"mailer:3.0.1@{gitops.digests['14']}", f"mailer:3.0.2@{alone}")
    found = json.loads(gitops.check("--output", "json", code=1).out)["findings"]
    assert {(each["rule"], each["target"]) for each in found} == {("platform-missing", "local")}, found
    assert "linux/arm64" in found[0]["message"], found

    gitops.edit("apps/mailer/base/mailer.yaml", f"mailer:3.0.2@{alone}", "mailer:9.9.9")
    found = json.loads(gitops.check("--output", "json", code=1).out)["findings"]
    assert {each["rule"] for each in found} == {"not-found", "unpinned"}, found


@scenario("helm and kustomize say what does not render, and the gate says where", ("docker-registry", "docker-registry"))
def check_renders(case):
    gitops = GitOps(case)
    gitops.ci("mirror", "pin")
    gitops.edit("sources/values/_shared/apps/shop.yaml", 'clusterSize: "1"', "clusterSize: 1")
    gitops.edit("kustomize/agent/overlays/local/kustomization.yaml", "log-level.yaml", "loglevel.yaml")
    done = gitops.check(code=1)
    assert "\nrender: " in done.out and " refused, " in done.out.splitlines()[0], str(done)
    for word in ("clusterSize", "loglevel.yaml", "shop", "agent"):
        assert word in done.out, str(done)


# ---- the run -------------------------------------------------------------------------------------------------------


def attempt(name, words, function, action):
    """Tries one case unless words leave it out; how many passed, failed and were skipped."""
    if words and not any(word in f"{name} {function.__name__}" for word in words):
        return 0, 0, 0
    began = time.monotonic()
    try:
        action()
    except Skip as reason:
        print(f"SKIP  {name}: {reason}", flush=True)
        return 0, 0, 1
    except Exception:
        print(f"FAIL  {name}\n{traceback.format_exc()}", flush=True)
        return 0, 1, 0
    print(f"ok    {name} ({time.monotonic() - began:.1f} s)", flush=True)
    return 1, 0, 0


def available(*kinds):
    for kind in kinds:
        if not Registry.available(kind):
            raise Skip(f"no {kind} on this machine")


def trials(words):
    for name, function, (source, target) in SCENARIOS:

        def action(function=function, source=source, target=target):
            available(source, target)
            with work_directory("entrepot-interop-") as directory:
                with Registry(source, directory) as one, Registry(target, directory) as two:
                    function(Case(directory, one, two))

        yield attempt(name, words, function, action)


def close(*all_trials):
    """Runs everything; the exit code."""
    passed, failed, skipped = (sum(each) for each in zip(*itertools.chain(*all_trials)))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    end_cleanly()
    sys.exit(close(trials(sys.argv[1:])))
