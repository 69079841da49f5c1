package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.deployment;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class PullPolicyTest extends RuleContract {

  PullPolicyTest() {
    super(PullPolicy.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(deployment(GOOD, "imagePullPolicy: Always"), "Always"),
        breaking(deployment("quay.io/acme/app:latest"), "means Always"),
        breaking(deployment("quay.io/acme/app:latest@" + DIGEST), "means Always"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(deployment(GOOD)), sound(deployment(GOOD, "imagePullPolicy: IfNotPresent")));
  }
}
