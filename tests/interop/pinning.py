"""`entrepot pin` from a real mirror's lock to what helm and kustomize make of the pinned files."""

import difflib
import filecmp
import json
import os
import pathlib
import re
import shutil

from lab import ROOT, layer, must, push_artifact, push_image, push_index
from scenarios import Skip, need, scenario

TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def corpus():
    """Other people's files, which are not part of the project."""
    place = pathlib.Path(os.environ.get("ENTREPOT_CORPUS") or ROOT.parent / "shared" / "corpus")
    if not place.is_dir():
        raise Skip(f"no {place}; ENTREPOT_CORPUS names another place")
    return place


def split(image):
    """registry, path and tag of a canonical reference; None where it has no tag that a registry could hold."""
    name = image.partition("@")[0]
    registry, _, rest = name.partition("/")
    path, _, tag = rest.partition(":")
    return (registry, path, tag) if TAG.fullmatch(tag) else None


def push_small(registry, repository, tag):
    """A two-platform index of a few bytes, another one for each name."""
    only = layer({"name": f"{repository}:{tag}".encode()})
    images = [push_image(registry, repository, [only], architecture) for architecture in ("amd64", "arm64")]
    return push_index(registry, repository, images, tag)


def unlocked(case, tree):
    """What a lock without any image leaves: images and charts by their canonical names."""
    (case.directory / "empty.lock.yaml").write_text("version: 1\nimages: {}\n")
    left = json.loads(
        case.entrepot("pin", tree, "--lock", "empty.lock.yaml", "--output", "json", "--allow-unlocked").out
    )["left"]
    images, charts = set(), set()
    for entry in left:
        if entry["kind"] == "not-locked" and split(entry["image"]):
            (charts if "the chart" in entry["reason"] else images).add(entry["image"].partition("@")[0])
    return sorted(images), sorted(charts)


def mirrored(case, images, charts):
    """Puts each image into the source registry, under its real name for the program, and mirrors all of them."""
    hosts = set()
    for image in images:
        registry, path, tag = split(image)
        hosts.add(registry)
        push_small(case.source, path, tag)
    for chart in charts:
        registry, path, tag = split(chart)
        hosts.add(registry)
        push_artifact(case.source, path, None, {"application/x": chart.encode()}, tag, "application/vnd.cncf.helm.config.v1+json")
    lines = [f"target: {case.target.address}/mirror", "naming: full", "platforms: [linux/amd64, linux/arm64]"]
    lines += ["referrers: false", "registries:"]
    lines += [f'  "{host}": {{ endpoints: ["http://{case.source.address}"] }}' for host in sorted(hosts)]
    lines += ["images:"] + [f'  - "{image}"' for image in images] + [f'  - artifact: "{chart}"' for chart in charts]
    (case.directory / "mirror.yaml").write_text("\n".join(lines) + "\n")
    case.mirror()


def changed_lines(before, after):
    """Lines of two trees that differ, as (file, line before, line after)."""
    changed = []
    for old in sorted(path for path in before.rglob("*") if path.is_file()):
        new = after / old.relative_to(before)
        if filecmp.cmp(old, new, shallow=False):
            continue
        was = old.read_bytes().decode().splitlines(keepends=True)
        now = new.read_bytes().decode().splitlines(keepends=True)
        for kind, a, b, c, d in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            if kind != "equal":
                changed.append((old.relative_to(before), "".join(was[a:b]), "".join(now[c:d])))
    return changed


@scenario("the corpus: mirror fills the lock, pin rewrites, check finds nothing more", ("docker-registry", "docker-registry"))
def pins_the_corpus(case):
    tree = case.directory / "tree"
    shutil.copytree(corpus(), tree)
    (tree / "INDEX.tsv").unlink(missing_ok=True)
    before = case.directory / "before"
    shutil.copytree(tree, before)
    images, charts = unlocked(case, "tree")
    assert len(images) > 300, len(images)
    mirrored(case, images, charts)

    done = json.loads(case.entrepot("pin", "tree", "--output", "json", "--allow-unlocked").out)
    kept = os.environ.get("ENTREPOT_KEEP_PINNED")
    if kept:
        shutil.copytree(tree, kept)
        (pathlib.Path(kept) / "report.json").write_text(json.dumps(done, indent=1))
    assert len(done["edits"]) > 500, len(done["edits"])
    for file, was, now in changed_lines(before, tree):
        assert "sha256" in now or case.target.address in now or re.fullmatch(r"[\w\s.:/'\"#{}&*,-]+", now), (file, was, now)
    pinned = shutil.copytree(tree, case.directory / "pinned")
    # What the lock does not hold is left both times, and listed; nothing more is to be changed.
    case.entrepot("pin", "tree", "--check", "--allow-unlocked")
    case.entrepot("pin", "tree", "--allow-unlocked")
    assert changed_lines(pinned, tree) == []
