package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.and;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateReport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

final class BackendMissingTest extends RuleContract {

  private static final String GATEWAY =
      "{ apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: { name: edge, namespace: apps }, spec: { gatewayClassName: envoy } }";
  private static final String SERVICE =
      "{ apiVersion: v1, kind: Service, metadata: { name: web, namespace: apps }, spec: { ports: [{ name: http, port: 80 }] } }";

  BackendMissingTest() {
    super(BackendMissing.RULE);
  }

  private static String route(String backend) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: web, namespace: apps }
        spec:
          parentRefs: [{ name: edge }]
          rules: [{ backendRefs: [{ %s }] }]
        """
        .formatted(backend);
  }

  private static String ingress(String port, String annotations) {
    return """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: web, namespace: apps, annotations: { %s } }
        spec:
          ingressClassName: nginx
          rules: [{ http: { paths: [{ path: /, backend: { service: { name: web, port: { %s } } } }] } }]
        """
        .formatted(annotations, port);
  }

  private static String webhook(String namespace) {
    return """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: { name: web }
        webhooks: [{ name: a.b.c, clientConfig: { service: { name: web, namespace: %s, port: 80 } } }]
        """
        .formatted(namespace);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(
            and(route("name: web, port: 80"), GATEWAY), "no Service 'web' in the namespace apps"),
        breaking(
            and(route("name: web, port: 8080"), GATEWAY, SERVICE),
            "has no port 8080; it has 80, http"),
        breaking(
            and(route("name: web, namespace: other, port: 80"), GATEWAY, SERVICE),
            "namespace other"),
        breaking(and(route("name: web, port: 80"), SERVICE), "no Gateway 'edge'"),
        breaking(ingress("number: 80", ""), "no Service 'web'"),
        breaking(and(ingress("name: https", ""), SERVICE), "no port https"),
        breaking(
            and(ingress("number: 80", "cert-manager.io/cluster-issuer: acme"), SERVICE),
            "no ClusterIssuer 'acme'"),
        breaking(
            and(
                ingress("number: 80", ""),
                SERVICE,
                "{ apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: { name: traefik } }"),
            "no IngressClass 'nginx'"),
        breaking(and(webhook("other"), SERVICE), "no Service 'web' in the namespace other"),
        breaking(
            "{ apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: { name: v1.a.b }, spec: { service: { name: web, namespace: apps } } }",
            "no Service 'web'"),
        breaking(
            "{ apiVersion: cert-manager.io/v1, kind: Certificate, metadata: { name: web, namespace: apps }, spec: { secretName: s, issuerRef: { name: acme } } }",
            "no Issuer 'acme' in the namespace apps"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(and(route("name: web, port: 80"), GATEWAY, SERVICE)),
        sound(and(route("kind: Backend, group: gateway.envoyproxy.io, name: x"), GATEWAY)),
        sound(and(ingress("number: 80", ""), SERVICE)),
        sound(and(ingress("name: http", ""), SERVICE)),
        sound(and(webhook("apps"), SERVICE)),
        // An operator makes the services of its resource.
        sound(
            and(
                route("name: db-rw, port: 5432"),
                GATEWAY,
                "{ apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: { name: db, namespace: apps } }")),
        sound(and(route("name: \"${name}\", port: 80"), GATEWAY)),
        sound(
            "{ apiVersion: cert-manager.io/v1, kind: Certificate, metadata: { name: web, namespace: apps }, spec: { issuerRef: { name: acme, group: awspca.cert-manager.io } } }"));
  }

  @Test
  void serviceThatMayBeInWhatIsNotRendered_isNotJudged() {
    tree.file("rendered/app.yaml", and(route("name: web, port: 80"), GATEWAY));
    GateReport report =
        tree.offline(CHECK.replace("render: [", "render: [{ kustomize: absent }, "));
    assertThat(found(report)).isEmpty();
    assertThat(report.skipped()).anyMatch(each -> each.rule().equals(rule));
  }

  @Test
  void gatewayThatThePlatformHas_isProvided() {
    tree.file("rendered/app.yaml", and(route("name: web, port: 80"), SERVICE));
    assertThat(
            found(
                tree.offline(
                    CHECK + "provided: [{ kind: Gateway, name: edge, reason: the platform }]\n")))
        .isEmpty();
  }
}
