"""Makes a GitOps tree of 200 applications and 3,000 objects, all of them fine, and measures `entrepot check` on it.

Every process is a new one with an empty cache of answers; its start is part of the time.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

import lab
from lab import environment
from report import machine, spread

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
TARGETS = {"local": "[linux/amd64, linux/arm64]", "dev": "[linux/amd64]"}
APPLICATIONS = 200
IMAGES = 40
SECONDS = 3.0


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


def once(directory, number):
    """Seconds on the wall clock and of the processors, resident MiB, and the report of one new process."""
    output = directory / "report.json"
    with open(output, "wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            [lab.ENTREPOT, "check", "--offline", "--output", "json", "--cache", f"cache-{number}"],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            env=environment(HOME=directory),
        )
        errors = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if not output.stat().st_size:
        raise SystemExit(f"exit {process.returncode}\n{errors}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, json.loads(output.read_text()), process.returncode


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


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--check", action="store_true", help="one round, no table; exit 1 when something is wrong")
    options.add_argument("--keep", metavar="DIR", type=pathlib.Path, help="leave the tree there and measure nothing")
    chosen = options.parse_args()
    lab.end_cleanly()
    if chosen.keep:
        chosen.keep.mkdir(parents=True)
        print(f"{make(chosen.keep)} objects in {chosen.keep}")
        return 0
    lab.must(lab.ENTREPOT, "--version")  # Built before the first round.
    load = os.getloadavg()[0]
    with lab.work_directory("entrepot-bench-check-") as directory:
        objects = make(directory)
        rounds = []
        for number in range(1 if chosen.check else chosen.rounds):
            seconds, used, resident, report, code = once(directory, number)
            wrong = complaints(report, code, objects)
            print(f"{seconds:.2f} s, {used:.2f} s of the processors, {resident:.0f} MiB, {report['objects']} objects", flush=True)
            if wrong:
                print("wrong: " + "; ".join(wrong), file=sys.stderr)
                return 1
            rounds.append((seconds, used, resident))
        size = sum(file.stat().st_size for file in directory.glob("rendered/**/*.yaml"))
    if chosen.check:
        return 0
    commit = lab.run("git", "-C", lab.ROOT, "rev-parse", "--short", "HEAD").out.strip()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "check.md").write_text(
        f"# Checking {APPLICATIONS} applications\n\n"
        f"Written by `benchmarks/check/run` on {datetime.date.today()}. {machine()}; load average at the start {load:.2f}; commit {commit}.\n"
        f"{objects} objects of {APPLICATIONS} applications in two targets, rendered already ({size / 1e6:.1f} MB of YAML), {IMAGES} images that the\n"
        f"lock holds, `entrepot check --offline`. {len(rounds)} rounds, each a new process with an empty cache of answers; median, with\n"
        "least and most in brackets. The start of the process is in the time.\n\n"
        "| | |\n|---|---|\n"
        f"| seconds (wanted: under {SECONDS:g}) | {spread([each[0] for each in rounds], 2)} |\n"
        f"| seconds of the processors | {spread([each[1] for each in rounds], 2)} |\n"
        f"| peak resident MiB | {spread([each[2] for each in rounds], 0)} |\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
