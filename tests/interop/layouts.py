"""Image layouts: what `entrepot` writes other programs read, and what they write it reads.

oras is asked only where it is there.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

from lab import ENTREPOT, digest_of, environment, layer, must, push_artifact, push_image, run
from scenarios import Skip, busybox_files, need, push_busybox, scenario, skopeo_digest

PAIR = ("distribution", "distribution")


def insecure(registry):
    return f"reg={registry.address},tls=disabled"


def files(directory):
    return sorted(path for path in pathlib.Path(directory).rglob("*") if path.is_file())


def sound(directory):
    """Every blob of a layout has the digest that its name says."""
    for path in files(pathlib.Path(directory) / "blobs"):
        assert digest_of(path.read_bytes()) == f"sha256:{path.name}", path


def tags(registry, repository):
    try:
        return registry.tags(repository)
    except Exception:
        return []


@scenario("skopeo, crane, regctl and podman read a layout of ours", PAIR)
def others_read_ours(case):
    index = push_busybox(case.source, "acme/tool", "1.0", attest=False)
    case.entrepot("copy", case.src("acme/tool:1.0"), "oci:ours:1.0")
    case.entrepot("copy", case.src("acme/tool:1.0"), "oci-archive:ours.tar:1.0")
    sound(case.directory / "ours")
    here = case.directory

    must(need("skopeo"), "copy", "--all", "--dest-tls-verify=false", f"oci:{here}/ours:1.0",
         f"docker://{case.target.address}/by/skopeo:1.0", env=environment())
    must("skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci-archive:{here}/ours.tar:1.0",
         f"docker://{case.target.address}/by/skopeo-archive:1.0", env=environment())
    must(need("crane"), "push", "--insecure", "--index", here / "ours", f"{case.target.address}/by/crane:1.0")
    must(need("regctl"), "--host", insecure(case.target), "image", "copy", f"ocidir://{here}/ours:1.0",
         f"{case.target.address}/by/regctl:1.0")
    must("regctl", "--host", insecure(case.target), "image", "import", f"{case.target.address}/by/regctl-archive:1.0",
         here / "ours.tar")
    for name in ("skopeo", "skopeo-archive", "regctl", "regctl-archive"):
        assert skopeo_digest(f"{case.target.address}/by/{name}:1.0") == index["digest"], name
    # crane pushes the layout's own index, which holds the image.
    pushed = json.loads(case.target.manifest("by/crane", "1.0"))
    assert index["digest"] in [entry["digest"] for entry in pushed["manifests"]] + [index["digest"]]

    need("podman")
    loaded = run("podman", "--root", here / "podman", "--runroot", here / "podrun", "--storage-driver=vfs",
                 "pull", "-q", f"oci:{here}/ours:1.0", env=environment(HOME=case.home))
    assert loaded.code == 0, loaded


@scenario("layouts of skopeo, crane and regctl are copied bit for bit", PAIR)
def ours_reads_others(case):
    index = push_busybox(case.source, "acme/tool", "1.0", attest=False)
    here = case.directory
    origin = case.src("acme/tool:1.0")
    must(need("skopeo"), "copy", "--all", "--src-tls-verify=false", f"docker://{origin}", f"oci:{here}/skopeo:1.0", env=environment())
    must("skopeo", "copy", "--all", "--src-tls-verify=false", f"docker://{origin}", f"oci-archive:{here}/skopeo.tar:1.0", env=environment())
    must(need("crane"), "pull", "--insecure", "--format=oci", origin, here / "crane")
    must(need("regctl"), "--host", insecure(case.source), "image", "copy", origin, f"ocidir://{here}/regctl:1.0")
    must("regctl", "--host", insecure(case.source), "image", "export", origin, here / "regctl.tar")
    for source, name in (
        ("oci:skopeo:1.0", "skopeo"),
        ("oci:skopeo", "skopeo-unnamed"),
        ("oci-archive:skopeo.tar:1.0", "skopeo-archive"),
        ("oci:crane", "crane"),
        ("oci:regctl:1.0", "regctl"),
        ("oci-archive:regctl.tar", "regctl-archive"),
    ):
        done = case.entrepot("copy", source, f"{case.target.address}/from/{name}:1.0", "--output", "json")
        assert json.loads(done.out)["images"][0]["source"] == source
        assert skopeo_digest(f"{case.target.address}/from/{name}:1.0") == index["digest"], source


@scenario("an archive of podman is read", PAIR)
def podman_archive(case):
    need("podman")
    push_image(case.source, "acme/one", [layer(busybox_files("amd64"))], "amd64", tag="1.0")
    podman = ["podman", "--root", case.directory / "podman", "--runroot", case.directory / "podrun", "--storage-driver=vfs"]
    variables = environment(HOME=case.home)
    pulled = run(*podman, "pull", "-q", "--tls-verify=false", case.src("acme/one:1.0"), env=variables)
    if pulled.code:
        raise Skip(f"podman does not pull here: {pulled.err.strip()[-200:]}")
    must(*podman, "save", "--format", "oci-archive", "-o", case.directory / "podman.tar", case.src("acme/one:1.0"), env=variables)
    case.entrepot("copy", "oci-archive:podman.tar", f"{case.target.address}/from/podman:1.0", "--platform", "linux/amd64")
    must(need("crane"), "validate", "--insecure", "--remote", f"{case.target.address}/from/podman:1.0")


@scenario("what others have in a layout stays, and regctl finds what is attached", ("referrers", "distribution"))
def others_stay(case):
    need("regctl")
    here = case.directory
    theirs = push_image(case.source, "acme/theirs", [layer({"theirs": b"1"})], "amd64", tag="1")
    index = push_busybox(case.source, "acme/tool", "1.0", attest=False)
    push_artifact(case.source, "acme/tool", "application/spdx+json", {"application/spdx+json": b"{}"}, subject=index)
    must(need("skopeo"), "copy", "--src-tls-verify=false", f"docker://{case.src('acme/theirs:1')}", f"oci:{here}/both:theirs", env=environment())
    case.entrepot("copy", case.src("acme/tool:1.0"), "oci:both:1.0", "--referrers")
    listed = json.loads((here / "both/index.json").read_text())["manifests"]
    names = [entry.get("annotations", {}).get("org.opencontainers.image.ref.name") for entry in listed]
    assert "theirs" in names and "1.0" in names, names
    assert theirs["digest"] in [entry["digest"] for entry in listed]
    attached = must("regctl", "artifact", "list", f"ocidir://{here}/both:1.0").out
    assert "application/spdx+json" in attached, attached


def whole(case, note=b""):
    push_busybox(case.source, "library/busybox", "1.35", note, attest=False)
    attested = push_busybox(case.source, "acme/attested", "2.0", b"attested" + note)
    push_artifact(case.source, "acme/attested", "application/spdx+json", {"application/spdx+json": b"{}"}, subject=attested)
    case.mirror_file(
        [case.src("library/busybox:1.35"), f"source: {case.src('acme/attested:2.0')}\n    as: attested"], referrers=True
    )


@scenario("a mirror file travels by a directory and by parts of an archive, asking one side only", PAIR)
def air_gap(case):
    whole(case)
    case.mark()
    case.mirror("--to", "oci:carried")
    assert not case.target.requests(), "the target was asked"
    sent = case.lock()
    (case.directory / "images.lock.yaml").unlink()
    case.mark()
    case.mirror("--from", "oci:carried")
    assert not case.source.requests(), "a source was asked"
    assert case.lock() == sent
    must(need("crane"), "validate", "--insecure", "--remote", case.dst("busybox:1.35"))
    for repository, tag in (("busybox", "1.35"), ("attested", "2.0")):
        origin = {"busybox": "library/busybox", "attested": "acme/attested"}[repository]
        assert skopeo_digest(case.dst(f"{repository}:{tag}")) == skopeo_digest(case.src(f"{origin}:{tag}"))

    case.mirror("--to", "oci-archive:carried.tar", "--split", "500KiB")
    parts = sorted(case.directory.glob("carried.tar.*"))
    assert len(parts) > 2 and all(part.stat().st_size <= 500 * 1024 for part in parts), parts
    with open(case.directory / "joined.tar", "wb") as joined:
        for part in parts:
            joined.write(part.read_bytes())
    must("tar", "-tf", case.directory / "joined.tar")
    case.mirror("--from", "oci-archive:carried.tar")
    missing = parts[1].rename(case.directory / "aside")
    refused = case.mirror("--from", "oci-archive:carried.tar", code=1)
    assert parts[1].name in refused.err, refused
    missing.rename(parts[1])


@scenario("a flipped bit in any file of a layout moves no tag", PAIR)
def flipped_bits(case):
    push_image(case.source, "acme/one", [layer({"a": b"a" * 3000})], "amd64", tag="1.0")
    case.mirror_file([f"source: {case.src('acme/one:1.0')}\n    platforms: [linux/amd64]\n    reason: a test"])
    case.mirror("--to", "oci:carried")
    chosen = random.Random(7)
    for path in files(case.directory / "carried"):
        bytes_ = path.read_bytes()
        at = chosen.randrange(len(bytes_)) if path.name != "index.json" else len(bytes_) // 2
        flipped = bytearray(bytes_)
        flipped[at] ^= 1 << chosen.randrange(8)
        path.write_bytes(flipped)
        refused = case.mirror("--from", "oci:carried", code=1)
        assert path.name in refused.err or path.name == "index.json", (path, refused)
        assert not tags(case.target, "mirror/acme-one"), path
        path.write_bytes(bytes_)
    case.mirror("--from", "oci:carried")


@scenario("an export killed at any moment leaves no half file, and goes on", PAIR)
def killed_export(case):
    chosen = random.Random(11)
    whole(case, os.urandom(2_000_000).hex().encode())
    for number in range(6):
        kind = "oci" if number % 2 else "oci-archive"
        place = case.directory / f"killed{number}"
        process = subprocess.Popen(
            [str(ENTREPOT), "mirror", "-c", "mirror.yaml", "--to", f"{kind}:{place}"],
            cwd=case.directory, env=environment(HOME=case.home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(0.3 + chosen.random() * 2.5)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        left = place if kind == "oci" else pathlib.Path(f"{place}.partial")
        if left.exists():
            sound(left)
        case.mirror("--to", f"{kind}:{place}")
        assert not pathlib.Path(f"{place}.partial").exists()
    case.mirror("--from", f"oci:{case.directory}/killed1")
    case.mirror("--from", f"oci-archive:{case.directory}/killed2")


@scenario("what the other side has is left out, and found there", PAIR)
def since(case):
    whole(case)
    case.mirror("--to", "oci:first")
    case.mirror("--from", "oci:first")
    shutil.copy(case.directory / "images.lock.yaml", case.directory / "old.lock")
    push_busybox(case.source, "library/busybox", "1.35", b"newer", attest=False)
    case.mirror("--to", "oci:second", "--since", "old.lock")
    full = sum(path.stat().st_size for path in files(case.directory / "first"))
    less = sum(path.stat().st_size for path in files(case.directory / "second"))
    assert less < full / 4, (less, full)
    case.mark()
    case.mirror("--from", "oci:second")
    assert not case.source.requests()
    assert skopeo_digest(case.dst("busybox:1.35")) == skopeo_digest(case.src("library/busybox:1.35"))
