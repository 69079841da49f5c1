package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.deployment;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class TagInLabelTest extends RuleContract {

  TagInLabelTest() {
    super(TagInLabel.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(
            deployment(GOOD)
                .replace("name: web,", "labels: { version: 'v1@" + DIGEST + "' }, name: web,"),
            "version"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(deployment(GOOD).replace("name: web,", "labels: { version: v1.11.3 }, name: web,")),
        sound(
            deployment(GOOD)
                .replace("name: web,", "annotations: { image: '" + GOOD + "' }, name: web,")));
  }
}
