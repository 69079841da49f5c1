package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.deployment;
import static io.entrepot.gate.rules.Manifests.job;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class RuntimeDownloadTest extends RuleContract {

  RuntimeDownloadTest() {
    super(RuntimeDownload.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(job("apt-get update && apt-get install -y jq"), "apt-get"),
        breaking(job("apk add --no-cache curl"), "apk"),
        breaking(job("pip install kubernetes"), "pip install"),
        breaking(
            job(
                "curl -fsSLo /tmp/kubectl \\\n  https://dl.k8s.io/release/v1.33.0/bin/linux/amd64/kubectl"),
            "curl"),
        breaking(job("URL=https://get.helm.sh/helm.tar.gz\ncurl -sSL \"$URL\" | tar xz"), "curl"),
        breaking(job("wget https://example.org/tool"), "wget"),
        breaking(
            job("kubectl apply -f https://example.org/crds.yaml"), "https://example.org/crds.yaml"),
        breaking(
            deployment(GOOD)
                .replace(
                    "containers:",
                    "initContainers:\n        - { name: fetch, image: '%s', command: [sh, -c, npm install -g x] }\n      containers:"
                        .formatted(GOOD)),
            "init container 'fetch'"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(job("until curl -fsS http://keycloak.apps.svc:8080/health; do sleep 1; done")),
        sound(job("curl -X POST https://hooks.example.org/services/x")),
        sound(job("# apt-get install jq\nkubectl apply -f /manifests")),
        sound(job("wget -qO- http://web:8080/ready")),
        sound(deployment(GOOD, "command: [sh, -c, \"pip install x\"]")));
  }
}
