"""`entrepot pin` from a real mirror's lock to what helm and kustomize make of the pinned files."""

import difflib
import filecmp
import json
import os
import pathlib
import re
import shutil

from lab import ROOT, layer, must, push_artifact, push_image, push_index, run
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


# ---- what helm makes of it -----------------------------------------------------------------------------------------

LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: app
  labels:
    app.kubernetes.io/version: {label}
spec:
  containers:
  - name: app
    image: {image}
"""

# name of a chart: what its template says of the label and of the image, and the form the digest must take
CHARTS = {
    "reads-digest": (
        '"{{ .Values.image.tag }}"',
        '"{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}"',
        lambda ours, digest: f'  tag: "1.2"\n  digest: "{digest}"\n',
    ),
    "reads-sha": (
        '"{{ .Values.image.tag }}"',
        '"{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.sha }}@sha256:{{ . }}{{ end }}"',
        lambda ours, digest: f'  tag: "1.2"\n  sha: "{digest.removeprefix("sha256:")}"\n',
    ),
    "ignores-digest": (
        '"{{ .Chart.AppVersion }}"',
        '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"',
        lambda ours, digest: f'  tag: "1.2@{digest}"\n  digest: ""\n',
    ),
    "label-takes-the-tag": (
        '"{{ .Values.image.tag }}"',
        '"{{ .Values.image.repository }}{{ with .Values.image.tag }}:{{ . }}{{ end }}"',
        # The only place would take the version out of the label.
        None,
    ),
    "no-place": (
        '"{{ .Values.image.tag | default .Chart.AppVersion }}"',
        '"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"',
        None,
    ),
}


def chart(directory, name, label, image, values):
    (directory / "templates").mkdir(parents=True)
    (directory / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: 1.0.0\nappVersion: '9'\n")
    (directory / "templates" / "pod.yaml").write_text(POD.format(label=label, image=image))
    (directory / "values.yaml").write_text(values)
    return directory


def rendered(helm, directory, *more):
    """The images and label values of what helm renders."""
    text = must(helm, "template", "x", directory, *more).out
    images = [line.split(":", 1)[1].strip().strip("\"'") for line in text.splitlines() if re.match(r"\s+(- )?image:", line)]
    labels = re.findall(r"app\.kubernetes\.io/version: (.*)", text)
    return images, [label.strip().strip("\"'") for label in labels]


@scenario("--render puts the digest where each chart reads it, and helm agrees")
def pins_by_rendering(case):
    helm = need("helm")
    digest = push_small(case.source, "acme/app", "1.2")["digest"]
    case.mirror_file([case.src("acme/app:1.2")])
    case.mirror()
    ours = case.dst("acme-app")
    for name, (label, image, form) in CHARTS.items():
        values = f'image:\n  repository: {case.src("acme/app")}\n  tag: "1.2"\n'
        values += {"label-takes-the-tag": "", "reads-sha": '  sha: ""\n'}.get(name, '  digest: ""\n')
        place = chart(case.directory / name, name, label, image, values)
        done = case.entrepot("pin", place / "values.yaml", "--render", code=0 if form else 1)
        after = (place / "values.yaml").read_text()
        if form is None:
            said = "would be gone" if name == "label-takes-the-tag" else "has no place for its digest"
            assert after == values and said in done.out, str(done)
            continue
        assert form(ours, digest) in after, (name, after)
        images, labels = rendered(helm, place)
        assert [i.partition("@")[2] for i in images] == [digest] and images[0].startswith(ours), images
        assert all(LABEL.fullmatch(value) for value in labels), labels
        case.entrepot("pin", place / "values.yaml", "--render", "--check")
        case.entrepot("pin", place / "values.yaml", "--check")


@scenario("--render --chart proves an environment's values that lie elsewhere")
def pins_values_elsewhere(case):
    helm = need("helm")
    digest = push_small(case.source, "acme/app", "1.2")["digest"]
    case.mirror_file([case.src("acme/app:1.2")])
    case.mirror()
    label, image, _ = CHARTS["ignores-digest"]
    place = chart(case.directory / "chart", "app", label, image, "image: {repository: none, tag: none}\n")
    values = case.directory / "dev.yaml"
    values.write_text(f'image: {{repository: {case.src("acme/app")}, tag: "1.2", digest: ""}}\n')
    case.entrepot("pin", values, "--render", "--chart", place)
    images, _ = rendered(helm, place, "--values", values)
    assert images == [f"{case.dst('acme-app')}:1.2@{digest}"], images


def templates_of(values):
    """Templates that the corpus has for the chart of a values file."""
    root = corpus()
    for part in ("open", "heldout"):
        place = root.with_name("corpus-templated") / part / values.parent.relative_to(root) / "templates"
        if place.is_dir():
            yield from (path for path in place.rglob("*.yaml"))


def assembled(directory, values, templates):
    """A chart of the templates there are; what they include and is not there is a stub."""
    (directory / "templates").mkdir(parents=True)
    (directory / "Chart.yaml").write_text("apiVersion: v2\nname: assembled\nversion: 1.0.0\nappVersion: '1'\n")
    shutil.copy(values, directory / "values.yaml")
    names = set()
    for template in templates:
        shutil.copy(template, directory / "templates" / template.name)
        names |= set(re.findall(r'(?:include|template)\s+"([^"]+)"', template.read_text()))
    def stub(name):
        if re.search(r"(?i)registry", name):
            return ""
        return "stub: x" if re.search(r"(?i)labels|selector|annotations|metadata", name) else "x"

    stubs = [f'{{{{- define "{name}" -}}}}{stub(name)}{{{{- end -}}}}' for name in sorted(names)]
    (directory / "templates" / "_stubs.tpl").write_text("\n".join(stubs))
    return directory


@scenario("the corpus's charts, as far as it has templates, still render, with the pinned images")
def renders_the_corpus(case):
    helm = need("helm")
    root = corpus()
    proved, images_of = [], {}
    for values in sorted(root.rglob("values.yaml")):
        templates = list(templates_of(values))
        if not templates:
            continue
        name = str(values.parent.relative_to(root)).replace("/", "_")
        place = assembled(case.directory / "charts" / name, values, templates)
        if run(helm, "template", "x", place).code == 0 and rendered(helm, place)[0]:
            images_of[name] = rendered(helm, place)[0]
        else:
            shutil.rmtree(place)
    if not images_of:
        raise Skip("no template of the corpus renders by itself")
    images, charts = unlocked(case, "charts")
    mirrored(case, images, charts)
    case.entrepot("pin", "charts", "--render", "--allow-unlocked")
    for name, before in images_of.items():
        after, _ = rendered(helm, case.directory / "charts" / name)
        assert len(after) == len(before)
        for old, new in zip(before, after):
            if old != new:
                assert new.startswith(case.target.address + "/mirror/") and "@sha256:" in new, (name, old, new)
                proved.append(name)
    assert proved, images_of


# ---- a chart that other people wrote -------------------------------------------------------------------------------

MODULE = ("github.com/external-secrets/external-secrets", "v0.20.4", "deploy/charts/external-secrets")
THEIRS = "oci.external-secrets.io/external-secrets/external-secrets:v0.20.3"
ENVIRONMENT = """\
# External Secrets on dev; the chart's own values leave every tag to its appVersion.
replicaCount: 2
image:
  repository: oci.external-secrets.io/external-secrets/external-secrets
  tag: v0.20.3   # as the CRDs
webhook:
  image: {repository: oci.external-secrets.io/external-secrets/external-secrets, tag: "v0.20.3"}
certController:
  image:
    tag: 'v0.20.3'
    repository: "oci.external-secrets.io/external-secrets/external-secrets"
"""


def real_chart(directory):
    """A released chart, whole but for its optional dependency, which is off and would have to be pulled."""
    go = need("go")
    module, version, path = MODULE
    variables = {**os.environ, "GOMODCACHE": str(directory / "modules"), "GOFLAGS": "-mod=mod -modcacherw"}
    done = run(go, "mod", "download", "-json", f"{module}@{version}", env=variables, cwd=directory)
    if done.code != 0:
        print(f"!!! NOT TO BE HAD HERE: {module}@{version} ({(done.out + done.err).strip()[-300:]})", flush=True)
        raise Skip(f"{module}@{version} could not be downloaded")
    place = shutil.copytree(pathlib.Path(json.loads(done.out)["Dir"]) / path, directory / "external-secrets")
    about = (place / "Chart.yaml").read_text()
    (place / "Chart.yaml").write_text(about[: about.index("dependencies:")])
    (place / "Chart.lock").unlink()
    return place


def all_labels(text):
    """The values of every label that helm rendered; a definition's schema only speaks of labels and has none."""
    for document in re.split(r"(?m)^---$", text):
        if "\nkind: CustomResourceDefinition\n" in document:
            continue
        for block in re.finditer(r"(?m)^( *)(?:labels|matchLabels):\n((?:\1 +.*\n)+)", document):
            for line in filter(str.strip, block[2].splitlines()):
                yield line.split(":", 1)[1].strip().strip("\"'")


@scenario("--render on a real released chart: helm renders the pinned images and no label is spoilt")
def pins_a_released_chart(case):
    helm = need("helm")
    place = real_chart(case.directory)
    _, path, tag = split(THEIRS)
    digest = push_small(case.source, path, tag)["digest"]
    mirrored(case, [THEIRS], [])
    ours = f"{case.target.address}/mirror/oci.external-secrets.io/{path}:{tag}@{digest}"
    values = case.directory / "dev.yaml"
    values.write_text(ENVIRONMENT)

    before = must(helm, "template", "x", place, "--values", values).out
    was, _ = rendered(helm, place, "--values", values)
    assert was == [THEIRS] * 3, was
    case.entrepot("pin", values, "--render", "--chart", place)
    after = must(helm, "template", "x", place, "--values", values).out
    now, _ = rendered(helm, place, "--values", values)
    assert now == [ours] * 3, now
    labels = list(all_labels(after))
    assert len(labels) > 50 and all(LABEL.fullmatch(label) for label in labels), labels
    # Nothing but the images is rendered in another way, and nothing but three scalars of each file is.
    assert before.replace(THEIRS, ours) == after
    changed = [(a, b) for a, b in zip(ENVIRONMENT.splitlines(), values.read_text().splitlines()) if a != b]
    assert len(ENVIRONMENT.splitlines()) == len(values.read_text().splitlines()) and 3 <= len(changed) <= 6, changed
    case.entrepot("pin", values, "--render", "--chart", place, "--check")

    # The chart's own values choose no tag: each is named, and no byte is touched.
    own = (place / "values.yaml").read_bytes()
    left = json.loads(case.entrepot("pin", place / "values.yaml", "--render", "--output", "json", code=1).out)
    assert left["edits"] == [] and [entry["kind"] for entry in left["left"]].count("empty-tag") == 3, left
    assert (place / "values.yaml").read_bytes() == own


# ---- what kustomize makes of it ------------------------------------------------------------------------------------


def images_block(text):
    """The lines of a kustomization's images, and the names in them."""
    found = re.search(r"(?m)^images:\n((?:[ -].*\n|#.*\n|\n)+)", text if text.endswith("\n") else text + "\n")
    if not found:
        return "", []
    return found[0], re.findall(r"(?m)^\s*(?:- )?name: [\"']?([^\s\"']+)", found[1])


@scenario("the corpus's kustomizations still build, with the pinned images")
def builds_the_corpus(case):
    kustomize = need("kustomize")
    root = corpus()
    names = {}
    for number, file in enumerate(sorted(root.rglob("[Kk]ustomization*"))):
        block, images = images_block(file.read_text())
        if not images or "imagepolicy" in block:
            continue
        place = case.directory / "tree" / str(number)
        place.mkdir(parents=True)
        (place / "kustomization.yaml").write_text(f"kind: Kustomization\nresources: [pods.yaml]\n{block}")
        pods = [
            f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec: {{containers: [{{name: c, image: '{image}'}}]}}\n"
            for i, image in enumerate(images)
        ]
        (place / "pods.yaml").write_text("---\n".join(pods))
        names[place] = images
    assert len(names) >= 5, names
    images, charts = unlocked(case, "tree")
    mirrored(case, images, charts)
    # The stand-ins are what the images' entries are about; they are no part of what is pinned.
    (case.directory / "pin.yaml").write_text('exclude: ["**/pods.yaml"]\n')
    case.entrepot("pin", "tree", "--allow-unlocked")
    pinned = 0
    for place, images in names.items():
        text = must(kustomize, "build", place).out
        built = re.findall(r"image: [\"']?([^\s\"']+)", text)
        changed = (place / "kustomization.yaml").read_text()
        for digest in re.findall(r"digest: [\"']?(sha256:[0-9a-f]{64})", changed):
            ours = [image for image in built if image.endswith("@" + digest)]
            assert ours and all(case.target.address in image for image in ours), (built, changed)
            pinned += 1
    assert pinned >= 10, pinned
