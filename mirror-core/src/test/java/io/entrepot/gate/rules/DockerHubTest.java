package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.deployment;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class DockerHubTest extends RuleContract {

  DockerHubTest() {
    super(DockerHub.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(deployment("redis:7@" + DIGEST), "docker.io/library/redis"),
        breaking(deployment("docker.io/grafana/grafana@" + DIGEST), "Docker Hub"),
        breaking(deployment("index.docker.io/a/b@" + DIGEST), "docker.io/a/b"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(sound(deployment("mirror.gcr.io/library/redis:7@" + DIGEST)));
  }
}
