package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.ObjectIndex;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Routes, ingresses, webhooks and API services whose Service or port is not there, and gateways,
 * issuers and classes that nobody makes.
 */
final class BackendMissing implements Judgement {

  static final Rule RULE =
      new Rule(
          "backend-missing",
          "A route without what it leads to",
          "The gateway answers 500 or 503 and stays degraded; a webhook without its Service can"
              + " refuse every change of the cluster.",
          "Name a Service and port that the target has, or make them; or say who does: provided: in"
              + " check.yaml.");

  private static final Set<String> ROUTES =
      Set.of("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    // Files that are judged as they stand are a part of something: the rest may be elsewhere.
    if (evidence.cluster().partial()) {
      return;
    }
    Judging judging = new Judging(evidence, findings, new MadeAtRuntime(evidence));
    for (KubernetesObject object : evidence.cluster().wholeObjects()) {
      if (!evidence.cluster().isPartOfKustomization(object)) {
        judging.judge(object);
      }
    }
  }

  /** Something that another object names. */
  private record Named(String kind, @Nullable String namespace, String name, SourceNode node) {}

  private record Judging(Evidence evidence, Findings findings, MadeAtRuntime runtime) {

    void judge(KubernetesObject object) {
      issuers(object);
      switch (object.group()) {
        case "gateway.networking.k8s.io" -> {
          if (ROUTES.contains(object.kind())) {
            route(object);
          } else if (object.kind().equals("Gateway")) {
            classOf(object, "GatewayClass", "gatewayClassName");
          }
        }
        case "networking.k8s.io" -> {
          if (object.kind().equals("Ingress")) {
            ingress(object);
          }
        }
        case "admissionregistration.k8s.io" -> {
          for (SourceMapping webhook : Nodes.mappings(object.root(), "webhooks")) {
            service(object, Nodes.mapping(webhook, "clientConfig", "service"), null, "443");
          }
        }
        case "apiregistration.k8s.io" ->
            service(object, Nodes.mapping(object.root(), "spec", "service"), null, "443");
        default -> {}
      }
    }

    private void route(KubernetesObject object) {
      for (SourceMapping parent : Nodes.mappings(object.root(), "spec", "parentRefs")) {
        String kind = Nodes.text(parent, "kind");
        if (kind == null || kind.equals("Gateway")) {
          named(object, parent, "Gateway", object.namespace());
        }
      }
      for (SourceMapping rule : Nodes.mappings(object.root(), "spec", "rules")) {
        List<SourceMapping> backends = new ArrayList<>(Nodes.mappings(rule, "backendRefs"));
        for (SourceMapping filter : Nodes.mappings(rule, "filters")) {
          SourceMapping mirror = Nodes.mapping(filter, "requestMirror", "backendRef");
          if (mirror != null) {
            backends.add(mirror);
          }
        }
        for (SourceMapping backend : backends) {
          String kind = Nodes.text(backend, "kind");
          if ((kind == null || kind.equals("Service")) && Nodes.text(backend, "group") == null) {
            service(object, backend, object.namespace(), Nodes.text(backend, "port"));
          }
        }
      }
    }

    private void ingress(KubernetesObject object) {
      classOf(object, "IngressClass", "ingressClassName");
      List<SourceMapping> services = new ArrayList<>();
      add(services, Nodes.mapping(object.root(), "spec", "defaultBackend", "service"));
      for (SourceMapping rule : Nodes.mappings(object.root(), "spec", "rules")) {
        for (SourceMapping path : Nodes.mappings(rule, "http", "paths")) {
          add(services, Nodes.mapping(path, "backend", "service"));
        }
      }
      for (SourceMapping service : services) {
        String number = Nodes.text(service, "port", "number");
        String name = Nodes.text(service, "port", "name");
        service(object, service, object.namespace(), number == null ? name : number);
      }
    }

    private static void add(List<SourceMapping> services, @Nullable SourceMapping service) {
      if (service != null) {
        services.add(service);
      }
    }

    /** A class is missing only where the target makes others: else the platform has them. */
    private void classOf(KubernetesObject object, String kind, String field) {
      SourceNode node = Nodes.at(object.root(), "spec", field);
      String name = Nodes.text(object.root(), "spec", field);
      String target = object.origin().target();
      boolean makesOthers =
          evidence.cluster().objects().stream()
              .anyMatch(each -> each.kind().equals(kind) && each.origin().target().equals(target));
      if (node != null && name != null && makesOthers) {
        absent(object, new Named(kind, null, name, node));
      }
    }

    private void issuers(KubernetesObject object) {
      SourceMapping issuer =
          object.group().equals("cert-manager.io") && object.kind().equals("Certificate")
              ? Nodes.mapping(object.root(), "spec", "issuerRef")
              : null;
      String group = Nodes.text(issuer, "group");
      if (issuer != null && (group == null || group.equals("cert-manager.io"))) {
        boolean wide = "ClusterIssuer".equals(Nodes.text(issuer, "kind"));
        named(object, issuer, wide ? "ClusterIssuer" : "Issuer", wide ? null : object.namespace());
      }
      Map<String, ScalarSite> annotations = Nodes.scalars(object.root(), "metadata", "annotations");
      if (annotations.containsKey("cert-manager.io/issuer-group")) {
        return;
      }
      ScalarSite wide = annotations.get("cert-manager.io/cluster-issuer");
      if (wide != null && !wide.isEmpty()) {
        absent(object, new Named("ClusterIssuer", null, wide.value(), wide));
      }
      ScalarSite own = annotations.get("cert-manager.io/issuer");
      if (own != null
          && !own.isEmpty()
          && !annotations.containsKey("cert-manager.io/issuer-kind")) {
        absent(object, new Named("Issuer", object.namespace(), own.value(), own));
      }
    }

    private void named(
        KubernetesObject object,
        SourceMapping reference,
        String kind,
        @Nullable String ownNamespace) {
      String namespace = Nodes.text(reference, "namespace");
      SourceNode node = Nodes.at(reference, "name");
      String name = Nodes.text(reference, "name");
      if (node != null && name != null) {
        absent(object, new Named(kind, namespace == null ? ownNamespace : namespace, name, node));
      }
    }

    private void service(
        KubernetesObject object,
        @Nullable SourceMapping reference,
        @Nullable String ownNamespace,
        @Nullable String defaultPort) {
      SourceNode node = Nodes.at(reference, "name");
      String name = Nodes.text(reference, "name");
      String given = Nodes.text(reference, "namespace");
      String namespace = given == null ? ownNamespace : given;
      if (reference == null || node == null || name == null) {
        return;
      }
      Named service = new Named("Service", namespace, name, node);
      if (!absent(object, service)) {
        String port = Nodes.text(reference, "port");
        port(object, service, port == null ? defaultPort : port);
      }
    }

    /** Tells of what is not there; whether it is not there. */
    private boolean absent(KubernetesObject object, Named named) {
      ObjectIndex index = evidence.cluster().index();
      String target = object.origin().target();
      boolean filledLater = !named.name().matches("[A-Za-z0-9]([A-Za-z0-9._-]*)");
      if (filledLater
          || index.mayHave(target, named.kind(), named.namespace(), named.name())
          || (named.kind().equals("Service")
              && runtime.operatorMayMake(target, named.namespace(), named.name()))) {
        return filledLater;
      }
      boolean wide = named.kind().equals("ClusterIssuer") || named.kind().endsWith("Class");
      String what =
          "%s '%s'%s"
              .formatted(
                  named.kind(),
                  named.name(),
                  wide ? "" : " in the namespace " + Namespaces.shown(named.namespace()));
      new Absences(evidence, findings)
          .tell(
              object,
              "the " + what,
              () -> evidence.cluster().locator().of(object, named.node(), named.name()),
              "there is no %s, which %s %s names".formatted(what, object.kind(), object.name()),
              "make it, or name one that the target has; where something else makes it, write into"
                  + " check.yaml: provided: [{ kind: %s, name: %s, reason: … }]"
                      .formatted(named.kind(), named.name()));
      return true;
    }

    private void port(KubernetesObject object, Named service, @Nullable String port) {
      List<KubernetesObject> found =
          evidence
              .cluster()
              .index()
              .makers(object.origin().target(), "Service", service.namespace(), service.name());
      if (port == null || found.size() != 1 || !found.getFirst().group().isEmpty()) {
        return;
      }
      Set<String> ports = new TreeSet<>();
      for (SourceMapping each : Nodes.mappings(found.getFirst().root(), "spec", "ports")) {
        for (String field : List.of("port", "name")) {
          String value = Nodes.text(each, field);
          if (value != null) {
            ports.add(value);
          }
        }
      }
      if (!ports.isEmpty() && !ports.contains(port)) {
        findings.refuse(
            object,
            evidence.cluster().locator().of(object, service.node(), service.name()),
            null,
            "the Service '%s' has no port %s; it has %s"
                .formatted(service.name(), port, String.join(", ", ports)),
            "name one of its ports, or add the port to the Service");
      }
    }
  }
}
