package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.configMap;
import static io.entrepot.gate.rules.Manifests.deployment;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class EmptyHostTest extends RuleContract {

  EmptyHostTest() {
    super(EmptyHost.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(configMap("issuer = https://auth./realms/acme"), "auth./realms"),
        breaking(configMap("url: https:///x"), "https:///x"),
        breaking(configMap("url: http:///auth"), "http:///auth"),
        breaking(configMap("url: HTTPS:///auth"), "HTTPS:///auth"),
        breaking(deployment(GOOD, "env: [{ name: API, value: \"http://:8080\" }]"), "variable API"),
        breaking(deployment(GOOD, "args: [\"--issuer=https://.example.org/\"]"), "argument of web"),
        breaking(
            deployment(GOOD, "env: [{ name: DB, value: \"postgres://user:pw@:5432/db\" }]"),
            "variable DB"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(configMap("issuer = https://auth.example.org/realms/acme")),
        sound(configMap("url: http://loki.svc.cluster.local.:3100/x")),
        sound(
            configMap(
                "url: http://${HOST}:80\nother: https://$(HOST)/\nthird: https://{{ host }}/")),
        sound(configMap("if (url.startsWith(\"https://\")) {\n  # http:///x\n}")),
        sound(
            configMap("root: file:///etc/x\nroot_url = %(protocol)s://%(domain)s:%(http_port)s/")),
        sound(configMap("listen: http://0.0.0.0:80 http://[::]:80")));
  }
}
