package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.and;
import static io.entrepot.gate.rules.Manifests.daemonSet;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class HostPortCollisionTest extends RuleContract {

  HostPortCollisionTest() {
    super(HostPortCollision.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(and(daemonSet("one", ""), daemonSet("two", "")), "DaemonSet/one/one"),
        breaking(
            and(
                daemonSet("one", ""),
                daemonSet("two", "hostNetwork: true").replace(", hostPort: 9100", "")),
            "9100/TCP"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(
            and(
                daemonSet("one", ""),
                daemonSet("two", "").replace("hostPort: 9100", "hostPort: 9101"))),
        sound(
            and(
                daemonSet("one", "nodeSelector: { pool: a }"),
                daemonSet("two", "nodeSelector: { pool: b }"))),
        sound(
            and(
                daemonSet("one", ""),
                daemonSet("two", "").replace("hostPort: 9100", "hostPort: 9100, protocol: UDP"))));
  }
}
