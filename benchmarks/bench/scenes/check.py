"""`entrepot check` over a GitOps tree of 200 applications and 3,000 objects, all of them fine, rendered already."""

import hashlib
import json

import lab

from .. import clients
from ..report import Page, Samples
from ..scene import scene

TARGETS = {"local": "[linux/amd64, linux/arm64]", "dev": "[linux/amd64]"}
APPLICATIONS = 200
IMAGES = 40


# ---- the tree ------------------------------------------------------------------------------------------------------


def digest(number):
    return "sha256:" + hashlib.sha256(f"image {number}".encode()).hexdigest()


def image(number):
    return f"ghcr.io/acme/mirror/acme-image-{number:02}:1.{number}.0@{digest(number)}"


def pod(name, number, indent, port=None):
    """A pod's specification with an init container, a container, environment and probes."""
    ports = f"\n    ports:\n      - name: http\n        containerPort: {port}" if port else ""
    text = f"""\
serviceAccountName: {name}
imagePullSecrets:
  - name: ghcr-pull
initContainers:
  - name: migrate
    image: {image(number % IMAGES)}
    imagePullPolicy: IfNotPresent
    command: ["/bin/migrate", "--database", "postgres://{name}-db:5432/{name}"]
containers:
  - name: {name}
    image: {image((number * 7 + 3) % IMAGES)}
    imagePullPolicy: IfNotPresent
    args: ["--log-level=info", "--issuer=https://auth.acme.example/realms/{name}"]{ports}
    env:
      - name: OTEL_EXPORTER_OTLP_ENDPOINT
        value: http://otel-collector.monitoring.svc:4317
      - name: POD_IP
        valueFrom:
          fieldRef:
            fieldPath: status.podIP
      - name: ADVERTISE
        value: http://$(POD_IP):8080
    envFrom:
      - configMapRef:
          name: {name}
    resources:
      requests: {{ cpu: 50m, memory: 128Mi }}
      limits: {{ memory: 256Mi }}"""
    return text.replace("\n", "\n" + " " * indent)


def application(name, namespace, number):
    """Fifteen objects, as charts of grown services render them."""
    labels = f"app.kubernetes.io/name: {name}"
    head = f"  name: {{}}\n  namespace: {namespace}\n  labels:\n    {labels}\n    app.kubernetes.io/version: \"1.{number}.0\""

    def thing(api, kind, suffix, body, scoped=True):
        meta = head.format(name + suffix) if scoped else f"  name: {namespace}-{name}{suffix}"
        return f"apiVersion: {api}\nkind: {kind}\nmetadata:\n{meta}\n{body}"

    template = f"  template:\n    metadata:\n      labels:\n        {labels}\n    spec:\n      "
    selector = f"  selector:\n    matchLabels:\n      {labels}\n"
    settings = "\n".join(f"    option_{i}: value-{i}\n    upstream_{i}: https://{name}-{i}.acme.example/api/v1" for i in range(12))
    return "\n---\n".join(
        [
            thing("v1", "ServiceAccount", "", "imagePullSecrets:\n  - name: ghcr-pull"),
            thing("v1", "ConfigMap", "", f"data:\n  settings.yaml: |\n{settings}"),
            thing("v1", "ConfigMap", "-dashboards", "data:\n  dashboard.json: |\n    " + json.dumps({"panels": [{"id": i, "title": f"panel {i}", "targets": [{"expr": f"sum(rate(http_requests_total{{job='{name}'}}[{i}m]))"}]} for i in range(20)]})),
            thing("apps/v1", "Deployment", "", "spec:\n  replicas: 2\n" + selector + template + pod(name, number, 6, 8080)),
            thing("apps/v1", "Deployment", "-worker", "spec:\n  replicas: 1\n" + selector + template + pod(name, number + 1, 6)),
            thing("apps/v1", "StatefulSet", "-db", f"spec:\n  serviceName: {name}-db\n  replicas: 1\n" + selector + template + pod(name, number + 2, 6, 5432) + "\n  volumeClaimTemplates:\n    - metadata:\n        name: data\n      spec:\n        accessModes: [ReadWriteOnce]\n        resources:\n          requests:\n            storage: 1Gi"),
            thing("batch/v1", "Job", "-migrate", "spec:\n" + template + "restartPolicy: Never\n      " + pod(name, number + 3, 6)),
            thing("batch/v1", "CronJob", "-report", 'spec:\n  schedule: "0 3 * * *"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          ' + pod(name, number + 4, 10)),
            thing("v1", "Service", "", "spec:\n  selector:\n    " + labels + "\n  ports:\n    - name: http\n      port: 80\n      targetPort: http"),
            thing("v1", "Service", "-db", "spec:\n  clusterIP: None\n  selector:\n    " + labels + "\n  ports:\n    - port: 5432"),
            thing("networking.k8s.io/v1", "Ingress", "", f"spec:\n  rules:\n    - host: {name}.acme.example\n      http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend:\n              service:\n                name: {name}\n                port:\n                  name: http"),
            thing("policy/v1", "PodDisruptionBudget", "", "spec:\n  maxUnavailable: 1\n" + selector.rstrip()),
            thing("external-secrets.io/v1", "ExternalSecret", "", f"spec:\n  secretStoreRef:\n    kind: ClusterSecretStore\n    name: vault\n  target:\n    name: {name}\n  data:\n    - secretKey: password\n      remoteRef:\n        key: {name}"),
            thing("rbac.authorization.k8s.io/v1", "ClusterRole", "", 'rules:\n  - apiGroups: [""]\n    resources: [pods]\n    verbs: [get, list]', scoped=False),
            thing("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "", f"roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: {namespace}-{name}\nsubjects:\n  - kind: ServiceAccount\n    name: {name}\n    namespace: {namespace}", scoped=False),
        ]
    ) + "\n"


def common(target):
    """What the applications of a target need: the store and, in each namespace, the pull secret."""
    store = "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata:\n  name: vault\nspec:\n  provider:\n    vault:\n      server: https://vault.vault.svc:8200\n"
    secrets = [
        f"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: ghcr-pull\n  namespace: team-{number}-{target}\n"
        "spec:\n  secretStoreRef:\n    kind: ClusterSecretStore\n    name: vault\n  target:\n    name: ghcr-pull\n"
        for number in range(10)
    ]
    return "---\n".join([store, *secrets])


def make(directory):
    """Writes the tree; returns how many objects its applications have."""
    objects = 0
    for target in TARGETS:
        folder = directory / "rendered" / target
        folder.mkdir(parents=True)
        for number in range(APPLICATIONS // len(TARGETS)):
            text = application(f"service-{number:03}", f"team-{number % 10}-{target}", number)
            objects += text.count("\nkind: ")
            (folder / f"service-{number:03}.yaml").write_text(text)
        (folder / "common.yaml").write_text(common(target))
    (directory / "images.lock.yaml").write_text(
        "version: 1\nimages:\n"
        + "".join(
            f"  docker.io/acme/image-{number:02}:1.{number}.0:\n    digest: {digest(number)}\n"
            f"    target: ghcr.io/acme/mirror/acme-image-{number:02}:1.{number}.0\n    platforms: [linux/amd64, linux/arm64]\n"
            for number in range(IMAGES)
        )
    )
    (directory / "check.yaml").write_text(
        "targets:\n"
        + "".join(
            f"  {target}:\n    platforms: {platforms}\n    render:\n      - manifests: [rendered/{target}/**/*.yaml]\n"
            for target, platforms in TARGETS.items()
        )
        + 'lock: images.lock.yaml\npullPolicy: IfNotPresent\nprivate: ["ghcr.io/acme/*"]\n'
    )
    return objects


# ---- measuring -----------------------------------------------------------------------------------------------------


def complaints(report, code, objects):
    """What is wrong with a report on a tree where nothing is wrong."""
    wrong = []
    if code != 0:
        wrong.append(f"exit code {code}")
    for kind in ("findings", "unjudged"):
        if report[kind]:
            wrong.append(f"{len(report[kind])} {kind}, the first: {json.dumps(report[kind][0])}")
    if report["objects"] < objects:
        wrong.append(f"{report['objects']} objects judged, of {objects}")
    return wrong


@scene("check", "check of 200 applications, 3,000 objects, offline", ("time",), minutes=3, gigabytes=1)
def check(bench):
    page, samples = Page(f"Checking {APPLICATIONS} applications"), Samples()
    objects = make(bench.work)
    rounds = bench.rounds(5)
    wrong = []
    for number in range(rounds):
        used = clients.measured([lab.ENTREPOT, "check", "--offline", "--output", "json", "--cache", f"cache-{number}"], bench.work, codes=(0, 1))
        report = json.loads(used.output[used.output.index("{"):])
        wrong += complaints(report, used.code, objects)
        samples.add("seconds", "entrepot", used.seconds)
        samples.add("processor seconds", "entrepot", used.processor)
        samples.add("peak resident MiB", "entrepot", used.peak)
        bench.say(f"{used.seconds:.2f} s, {used.processor:.2f} s of the processors, {report['objects']} objects")
    page.counted("what is found wrong where nothing is", "; ".join(wrong) or "nothing", "nothing")
    if not bench.quick:
        page.at_most("seconds", samples.median("seconds", "entrepot"), 3, " s")
    size = sum(file.stat().st_size for file in bench.work.glob("rendered/**/*.yaml"))
    page.text(
        f"{objects} objects of {APPLICATIONS} applications in two targets, rendered already ({size / 1e6:.1f} MB of YAML), {IMAGES} images that the\n"
        "lock holds, `entrepot check --offline`. Each round is a new process with an empty cache of answers, its start with it."
    )
    page.table(["entrepot"], [samples.row(what, ["entrepot"], digits) for what, digits in (("seconds", 2), ("processor seconds", 2), ("peak resident MiB", 0))])
    return page
