package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.deployment;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class FloatingTagTest extends RuleContract {

  FloatingTagTest() {
    super(FloatingTag.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(deployment("quay.io/acme/app:main@" + DIGEST), "'main' moves"),
        breaking(deployment("quay.io/acme/app:latest"), "'latest' moves"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(sound(deployment("quay.io/acme/app:main-4f2a1b@" + DIGEST)));
  }
}
