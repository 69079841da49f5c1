"""Charts of a mirror file: what is republished, helm itself pulls and renders; also across an air gap."""

import contextlib
import functools
import http.server
import json
import shutil
import threading

from lab import must
from scenarios import need, push_busybox, scenario, skopeo_digest

PAIR = ("distribution", "distribution")


@contextlib.contextmanager
def chart_repository(directory):
    """A directory over HTTP, and every path that was asked for."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=directory))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def published(case):
    """A chart in a repository directory, made by helm, with an image of the source."""
    need("helm")
    push_busybox(case.source, "acme/web", "1.0", attest=False)
    chart = case.directory / "web"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.2.3+build.7\nappVersion: '1.0'\n")
    (chart / "values.yaml").write_text(f"image: {{ repository: {case.src('acme/web')}, tag: '' }}\n")
    (chart / "templates/pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - name: web\n"
        "      image: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\n"
    )
    repository = case.directory / "repository"
    repository.mkdir()
    must("helm", "package", chart, "-d", repository)
    must("helm", "repo", "index", repository)
    return repository


def mirror_file(case, address):
    (case.directory / "mirror.yaml").write_text(
        f"target: {case.target.address}/mirror\nplatforms: [linux/amd64, linux/arm64]\n"
        f'charts:\n  - chart: {{ repository: "{address}", name: web }}\n    version: "1.x"\n'
    )


@scenario("helm pulls and renders a republished chart, whose package is the same", PAIR)
def republished(case):
    repository = published(case)
    with chart_repository(repository) as (address, asked):
        mirror_file(case, address)
        case.mirror()
        assert asked.count("/index.yaml") == 1, asked
    assert skopeo_digest(case.dst("acme-web:1.0")) == skopeo_digest(case.src("acme/web:1.0"))
    out = case.directory / "pulled"
    out.mkdir()
    must("helm", "pull", "--plain-http", f"oci://{case.target.address}/mirror/charts/web", "--version", "1.2.3+build.7", "-d", out)
    package = next(repository.glob("*.tgz"))
    assert next(out.glob("*.tgz")).read_bytes() == package.read_bytes()
    rendered = must("helm", "template", "x", "--plain-http", f"oci://{case.target.address}/mirror/charts/web", "--version", "1.2.3+build.7").out
    assert f"image: {case.src('acme/web')}:1.0" in rendered
    key = f"{address.removeprefix('http://')}/web:1.2.3_build.7"
    assert f"charts: [{key}]" in case.lock() or f"- {key}" in case.lock(), case.lock()


@scenario("a chart and its images cross an air gap, and nothing is asked or rendered there", PAIR)
def charts_in_a_layout(case):
    repository = published(case)
    with chart_repository(repository) as (address, _):
        mirror_file(case, address)
        case.mirror("--to", "oci-archive:carried.tar")
    sent = case.lock()
    (case.directory / "images.lock.yaml").unlink()
    case.mark()
    # No chart repository, no helm.
    case.mirror("--from", "oci-archive:carried.tar", PATH=f"{shutil.which('java').rpartition('/')[0]}:/usr/bin:/bin")
    assert not case.source.requests()
    assert case.lock() == sent
    assert skopeo_digest(case.dst("acme-web:1.0")) == skopeo_digest(case.src("acme/web:1.0"))
    must("helm", "show", "chart", "--plain-http", f"oci://{case.target.address}/mirror/charts/web", "--version", "1.2.3+build.7")


@scenario("a chart without helm fails by itself", PAIR)
def without_helm(case):
    repository = published(case)
    with chart_repository(repository) as (address, _):
        mirror_file(case, address)
        with open(case.directory / "mirror.yaml", "a") as file:
            file.write(f"images: [{case.src('acme/web:1.0')}]\n")
        failed = case.mirror(code=1, PATH=f"{shutil.which('java').rpartition('/')[0]}:/usr/bin:/bin")
    assert "install helm" in failed.err, failed
    outcomes = {image["source"]: image["outcome"] for image in json.loads((case.directory / "report.json").read_text())["images"]}
    assert sorted(outcomes.values()) == ["copied", "failed"], outcomes
