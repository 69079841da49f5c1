"""`entrepot config policy --kubernetes`, evaluated by the library that the API server uses."""

import json
import subprocess

from scenarios import HERE, Skip, scenario

DIGEST = "sha256:" + "a" * 64
DENIED = "sha256:" + "d" * 64
PROGRAM = HERE / "work" / "admission"


def verdicts(case, requests, *options):
    """What becomes of each request, in their order."""
    if not PROGRAM.exists():
        raise Skip("no work/admission; tests/interop/run builds it with Go")
    document = case.directory / "admission.yaml"
    document.write_text(case.entrepot("config", "policy", "--kubernetes", *options).out)
    lines = "\n".join(json.dumps(each) for each in requests)
    done = subprocess.run([PROGRAM, document], input=lines, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def created(kind, spec, **metadata):
    """A request that makes an object."""
    return {"request": {"operation": "CREATE"}, "object": {"kind": kind, "metadata": metadata, "spec": spec}}


def containers(*images, key="containers", **more):
    return {key: [{"name": f"c{number}", "image": image} for number, image in enumerate(images)], **more}


@scenario("the cluster's admission policy lets our copies pass by digest, and nothing else anywhere in a pod")
def admission(case):
    case.mirror_file(["docker.io/library/redis:7", "docker.io/bitnami/os-shell:12"])
    (case.directory / "policy.yaml").write_text(
        f"rules: [{{ match: docker.io/bitnami/**, deny: frozen }}]\ndeny: [{{ digest: '{DENIED}', reason: poisoned }}]\n"
    )
    good = f"{case.target.address}/mirror/redis:7@{DIGEST}"
    fine = containers(good)
    template = {"template": {"spec": fine}}
    passing = [
        created("Pod", fine),
        created("Pod", {**fine, **containers(good, key="initContainers")}),
        created("Pod", {**fine, "volumes": [{"name": "v", "image": {"reference": good}}, {"name": "e", "emptyDir": {}}]}),
        created("Deployment", template),
        created("CronJob", {"jobTemplate": {"spec": template}}),
        created("Pod", containers("nginx"), deletionTimestamp="2027-01-31T00:00:00Z"),
    ]
    old = {"kind": "Pod", "metadata": {"labels": {"a": "1"}}, "spec": containers("nginx")}
    labelled = {**old, "metadata": {"labels": {"a": "2"}}}
    passing.append({"request": {"operation": "UPDATE"}, "object": labelled, "oldObject": old})
    assert verdicts(case, passing) == ["admitted"] * len(passing)

    host = case.target.address
    refused = [
        *(
            created("Pod", containers(image))
            for image in (
                "nginx", f"{host}/mirror/redis:7", f"{host}/mirror-evil/redis@{DIGEST}", f"{host}/mirror/../x/redis@{DIGEST}",
                f"evil.example/{host}/mirror/redis@{DIGEST}", f"{host}0/mirror/redis@{DIGEST}", f"{host}/mirror/redis@{DENIED}",
                f"{host}/mirror/bitnami-os-shell:12@{DIGEST}", f"{host}/mirror@{DIGEST}",
            )
        ),
        created("Pod", {**fine, **containers("nginx", key="initContainers")}),
        created("Pod", {**fine, **containers("nginx", key="ephemeralContainers")}),
        created("Pod", {**fine, "volumes": [{"name": "v", "image": {"reference": "nginx"}}]}),
        created("Pod", {"containers": [{"name": "none"}]}),
        created("StatefulSet", {"template": {"spec": containers(good, "nginx")}}),
        created("CronJob", {"jobTemplate": {"spec": {"template": {"spec": containers("nginx")}}}}),
        {"request": {"operation": "UPDATE"}, "object": {**old, "spec": containers("busybox")}, "oldObject": old},
    ]
    told = verdicts(case, refused, "--enforce", "--except", "dev")
    assert all(each.startswith("refused: ") for each in told), list(zip(told, refused))
    assert "entrepot pin" in told[1], told[1]
