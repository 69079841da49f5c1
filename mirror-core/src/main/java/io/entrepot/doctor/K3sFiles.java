package io.entrepot.doctor;

import io.entrepot.doctor.Diagnosis.Contact;
import io.entrepot.doctor.Diagnosis.Fault;
import io.entrepot.doctor.Diagnosis.Route;
import io.entrepot.doctor.Diagnosis.Way;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** k3s: {@code registries.yaml}, out of which it writes containerd's files when it starts. */
final class K3sFiles {

  private static final String FILE = "/etc/rancher/k3s/registries.yaml";

  private final NodeFiles files;
  private final SoughtProxy proxy;
  private final List<Fault> faults = new ArrayList<>();

  K3sFiles(NodeFiles files, SoughtProxy proxy) {
    this.files = files;
    this.proxy = proxy;
  }

  Diagnosis examine() {
    SourceNode root = root();
    SourceMapping mirrors = Nodes.mapping(root, "mirrors");
    List<Route> routes = new ArrayList<>();
    String used = null;
    for (String registry : proxy.registries()) {
      Route route = route(registry, mirrors);
      routes.add(route);
      if (used == null && route.way() == Way.THROUGH) {
        used = route.why();
      }
    }
    Optional<Contact> contact = used == null ? Optional.empty() : Optional.of(contact(root, used));
    return new Diagnosis(routes, faults, contact);
  }

  private @Nullable SourceNode root() {
    String text = files.text(FILE).orElse(null);
    if (text == null) {
      faults.add(new Fault("there is no registries.yaml", files.at(FILE)));
      return null;
    }
    try {
      List<SourceNode> documents = YamlScanner.scan(SourceText.of(text));
      return documents.isEmpty() ? null : documents.getFirst();
    } catch (UnreadableYamlException e) {
      faults.add(new Fault("is no YAML: " + e.getMessage(), files.at(FILE)));
      return null;
    }
  }

  private Route route(String registry, @Nullable SourceMapping mirrors) {
    // A registry's own entry goes before the one for all.
    SourceMapping.Entry entry = mirrors == null ? null : mirrors.entry(registry);
    if (entry == null && mirrors != null) {
      entry = mirrors.entry("*");
    }
    if (entry == null) {
      return new Route(
          registry,
          Way.PAST,
          "mirrors: has neither \"%s\" nor \"*\"".formatted(registry),
          files.at(FILE, mirrors == null ? 0 : mirrors.line()));
    }
    SourceNode mirror = SourceMapping.resolved(entry.value());
    List<SourceNode> endpoints = Nodes.items(mirror, "endpoint");
    if (endpoints.isEmpty()) {
      return new Route(
          registry, Way.PAST, "its mirror has no endpoint:", files.at(FILE, entry.key().line()));
    }
    String first = endpoints.getFirst() instanceof ScalarSite scalar ? scalar.value() : "";
    FilePosition at = files.at(FILE, endpoints.getFirst().line());
    if (!proxy.isAt(first)) {
      boolean later =
          endpoints.stream()
              .anyMatch(each -> each instanceof ScalarSite scalar && proxy.isAt(scalar.value()));
      return new Route(
          registry,
          Way.PAST,
          later
              ? first + " is asked before the proxy"
              : "none of its endpoints is the proxy: " + first,
          at);
    }
    if (Nodes.at(mirror, "rewrite") instanceof SourceMapping rewrite
        && !rewrite.entries().isEmpty()) {
      return new Route(
          registry,
          Way.PAST,
          "rewrite: changes the name that the proxy is asked for; the proxy takes it as it is",
          files.at(FILE, rewrite.line()));
    }
    return new Route(registry, Way.THROUGH, first, at);
  }

  private Contact contact(@Nullable SourceNode root, String endpoint) {
    String authority = SoughtProxy.authority(endpoint);
    SourceMapping own = Nodes.mapping(root, "configs", authority);
    SourceMapping tls = Nodes.mapping(own, "tls");
    boolean plain = endpoint.startsWith("http://");
    if (plain && tls != null) {
      faults.add(
          new Fault(
              "tls: for an address of plain HTTP makes k3s try HTTPS first and fail; take it out",
              files.at(FILE, tls.line())));
    }
    String ca = Nodes.text(tls, "ca_file");
    Optional<Path> trusted = Optional.empty();
    if (ca != null && tls != null && !plain) {
      if (files.isFile(ca)) {
        trusted = Optional.of(files.path(ca));
      } else {
        SourceNode node = tls.get("ca_file");
        faults.add(
            new Fault(
                "ca_file names a file that is not there: " + ca,
                files.at(FILE, node == null ? tls.line() : node.line())));
      }
    }
    return new Contact(
        (plain ? "http://" : "https://") + authority,
        trusted,
        !"true".equals(Nodes.text(tls, "insecure_skip_verify")),
        Nodes.mapping(own, "auth") != null,
        true);
  }
}
