package io.entrepot.doctor;

import io.entrepot.doctor.Diagnosis.Contact;
import io.entrepot.doctor.Diagnosis.Fault;
import io.entrepot.doctor.Diagnosis.Route;
import io.entrepot.doctor.Diagnosis.Way;
import io.entrepot.text.FilePosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Docker's daemon: {@code daemon.json}, whose mirrors are asked for Docker Hub's images alone. */
final class DockerFiles {

  private static final String FILE = "/etc/docker/daemon.json";
  private static final String HUB = "docker.io";

  private final NodeFiles files;
  private final SoughtProxy proxy;
  private final List<Fault> faults = new ArrayList<>();
  private String text = "";

  DockerFiles(NodeFiles files, SoughtProxy proxy) {
    this.files = files;
    this.proxy = proxy;
  }

  Diagnosis examine() {
    List<String> mirrors = mirrors();
    String authority = proxy.authorities().stream().findFirst().orElse("");
    Optional<String> used = mirrors.stream().filter(proxy::isAt).findFirst();
    List<Route> routes = new ArrayList<>();
    for (String registry : proxy.registries()) {
      routes.add(
          registry.equals(HUB)
              ? hub(mirrors)
              : new Route(
                  registry,
                  Way.BY_NAME,
                  "docker asks mirrors for Docker Hub alone; pull %s/%s/NAME"
                      .formatted(used.map(SoughtProxy::authority).orElse(authority), registry),
                  files.at(FILE)));
    }
    return new Diagnosis(routes, faults, used.map(this::contact));
  }

  private List<String> mirrors() {
    text = files.text(FILE).orElse("");
    if (text.isBlank()) {
      return List.of();
    }
    List<String> mirrors = new ArrayList<>();
    try {
      JsonNode listed = JsonMapper.shared().readTree(text).path("registry-mirrors");
      listed.forEach(each -> mirrors.add(each.asString("")));
    } catch (JacksonException e) {
      faults.add(
          new Fault(
              "is no JSON: " + e.getOriginalMessage(),
              files.at(FILE, e.getLocation() == null ? 0 : e.getLocation().getLineNr())));
    }
    return mirrors;
  }

  private Route hub(List<String> mirrors) {
    if (mirrors.isEmpty()) {
      return new Route(HUB, Way.PAST, "registry-mirrors is not set", files.at(FILE));
    }
    String first = mirrors.getFirst();
    FilePosition at = position(first);
    if (!proxy.isAt(first)) {
      boolean later = mirrors.stream().anyMatch(proxy::isAt);
      return new Route(
          HUB,
          Way.PAST,
          later
              ? first + " is asked before the proxy"
              : "none of registry-mirrors is the proxy: " + first,
          at);
    }
    if (!proxy.hub()) {
      return new Route(
          HUB,
          Way.PAST,
          "docker does not name the registry to a mirror: proxy.yaml needs defaultUpstream:"
              + " docker.io",
          at);
    }
    if (proxy.login()) {
      return new Route(
          HUB,
          Way.PAST,
          "docker gives no login to a mirror, and the proxy wants one; pull %s/docker.io/NAME"
              .formatted(SoughtProxy.authority(first)),
          at);
    }
    return new Route(HUB, Way.THROUGH, first, at);
  }

  private Contact contact(String mirror) {
    String authority = SoughtProxy.authority(mirror);
    return new Contact(
        (mirror.startsWith("http://") ? "http://" : "https://") + authority,
        files.certificate(authority, "/etc/docker/certs.d"),
        !isInsecure(authority),
        false,
        false);
  }

  private boolean isInsecure(String authority) {
    if (authority.startsWith("localhost:") || authority.startsWith("127.")) {
      return true;
    }
    for (JsonNode each : JsonMapper.shared().readTree(text).path("insecure-registries")) {
      if (each.asString("").equals(authority)) {
        return true;
      }
    }
    return false;
  }

  private FilePosition position(String word) {
    int at = text.indexOf('"' + word + '"');
    return files.at(
        FILE, at < 0 ? 0 : (int) text.substring(0, at).chars().filter(c -> c == '\n').count() + 1);
  }
}
