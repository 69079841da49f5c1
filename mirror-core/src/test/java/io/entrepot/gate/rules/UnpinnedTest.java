package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.deployment;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class UnpinnedTest extends RuleContract {

  UnpinnedTest() {
    super(Unpinned.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(deployment("quay.io/acme/app:1.2.3"), "tag alone"),
        breaking(deployment("quay.io/acme/app"), "means latest"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(sound(deployment(GOOD)), sound(deployment("quay.io/acme/app@" + DIGEST)));
  }
}
