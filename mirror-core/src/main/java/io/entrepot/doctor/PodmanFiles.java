package io.entrepot.doctor;

import io.entrepot.doctor.Diagnosis.Contact;
import io.entrepot.doctor.Diagnosis.Fault;
import io.entrepot.doctor.Diagnosis.Route;
import io.entrepot.doctor.Diagnosis.Way;
import io.entrepot.text.FilePosition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * podman and its kin: {@code registries.conf}, and the files of {@code registries.conf.d}, of which
 * a later one replaces what an earlier one says of a registry.
 */
final class PodmanFiles {

  private static final String MAIN = "/etc/containers/registries.conf";

  private final NodeFiles files;
  private final SoughtProxy proxy;
  private final List<Fault> faults = new ArrayList<>();

  PodmanFiles(NodeFiles files, SoughtProxy proxy) {
    this.files = files;
    this.proxy = proxy;
  }

  /** A {@code [[registry]]} and its mirrors. */
  private record Entry(String file, Toml.Table table, List<Toml.Table> mirrors) {
    String prefix() {
      String prefix = table.text("prefix");
      return prefix.isEmpty() ? table.text("location") : prefix;
    }
  }

  Diagnosis examine() {
    Map<String, Entry> entries = new LinkedHashMap<>();
    List<String> read = new ArrayList<>();
    if (files.isFile(MAIN)) {
      read.add(MAIN);
    }
    read.addAll(files.list(MAIN + ".d", "*.conf"));
    for (String file : read) {
      entries(file).forEach(entry -> entries.put(entry.prefix(), entry));
    }
    if (read.isEmpty()) {
      faults.add(
          new Fault("there is no registries.conf and nothing in its .d folder", files.at(MAIN)));
    }
    List<Route> routes = new ArrayList<>();
    Contact contact = null;
    for (String registry : proxy.registries()) {
      Entry entry = entries.get(registry);
      if (entry == null) {
        entry = wildcard(entries, registry);
      }
      if (entry == null) {
        routes.add(past(registry, "no [[registry]] is for it", files.at(MAIN)));
        continue;
      }
      Toml.Table mirror = ours(entry);
      Route route = route(registry, entry, mirror);
      routes.add(route);
      if (contact == null && route.way() == Way.THROUGH && mirror != null) {
        contact = contact(mirror);
      }
    }
    return new Diagnosis(routes, faults, Optional.ofNullable(contact));
  }

  private List<Entry> entries(String file) {
    Toml toml = files.text(file).map(Toml::parse).orElseGet(() -> Toml.parse(""));
    toml.unread()
        .forEach(line -> faults.add(new Fault("cannot be read as TOML", files.at(file, line))));
    List<Entry> entries = new ArrayList<>();
    for (Toml.Table table : toml.tables()) {
      if (table.path().equals(List.of("registry"))) {
        entries.add(new Entry(file, table, new ArrayList<>()));
      } else if (table.path().equals(List.of("registry", "mirror")) && !entries.isEmpty()) {
        entries.getLast().mirrors().add(table);
      }
    }
    return entries;
  }

  /** The entry of {@code *.example.org} with the longest name, as podman takes it. */
  private static @Nullable Entry wildcard(Map<String, Entry> entries, String registry) {
    Entry best = null;
    for (Entry entry : entries.values()) {
      String prefix = entry.prefix();
      if (prefix.startsWith("*.")
          && registry.endsWith(prefix.substring(1))
          && (best == null || prefix.length() > best.prefix().length())) {
        best = entry;
      }
    }
    return best;
  }

  /** The mirror, or the registry's own location, that is the proxy. */
  private Toml.@Nullable Table ours(Entry entry) {
    for (Toml.Table mirror : entry.mirrors()) {
      if (isProxy(mirror)) {
        return mirror;
      }
    }
    return isProxy(entry.table()) ? entry.table() : null;
  }

  private boolean isProxy(Toml.Table table) {
    // A location has no scheme: whether it is plain HTTP is said by insecure.
    String location = table.text("location");
    return !location.isEmpty()
        && (proxy.isAt(location) || (table.isTrue("insecure") && proxy.isAt("http://" + location)));
  }

  private Route route(String registry, Entry entry, Toml.@Nullable Table mirror) {
    FilePosition at = files.at(entry.file(), entry.table().line());
    if (entry.table().isTrue("blocked")) {
      return past(registry, "blocked = true: nothing is pulled from it", at);
    }
    if (mirror == null) {
      return past(registry, "none of its mirrors is the proxy", at);
    }
    FilePosition place = files.at(entry.file(), mirror.line());
    String location = mirror.text("location");
    if (!entry.mirrors().isEmpty() && !entry.mirrors().getFirst().equals(mirror)) {
      return past(
          registry,
          entry.mirrors().getFirst().text("location") + " is asked before the proxy",
          files.at(entry.file(), entry.mirrors().getFirst().line()));
    }
    if (!mirror.equals(entry.table())
        && (entry.table().isTrue("mirror-by-digest-only")
            || mirror.text("pull-from-mirror").equals("digest-only"))) {
      return past(registry, "the mirror is asked for digests only, not for tags", place);
    }
    String path = SoughtProxy.path(location);
    if (!path.equals(registry)
        && !(path.isEmpty() && proxy.hub() && registry.equals("docker.io"))) {
      return past(
          registry,
          "podman does not say which registry it means: the location has to end with /" + registry,
          place);
    }
    if (!proxy.tls() && !mirror.isTrue("insecure")) {
      return past(registry, "the proxy speaks plain HTTP: insecure = true is missing", place);
    }
    return new Route(registry, Way.THROUGH, location, place);
  }

  private Contact contact(Toml.Table mirror) {
    String authority = SoughtProxy.authority(mirror.text("location"));
    boolean insecure = mirror.isTrue("insecure");
    return new Contact(
        (proxy.tls() ? "https://" : "http://") + authority,
        files.certificate(authority, "/etc/containers/certs.d", "/etc/docker/certs.d"),
        !insecure,
        hasLogin(authority),
        false);
  }

  /** Whether root has logged in; what other users have is their own. */
  private boolean hasLogin(String authority) {
    return Stream.of("/run/containers/0/auth.json", "/root/.config/containers/auth.json")
        .filter(files::isFile)
        .map(file -> files.text(file).orElse(""))
        .anyMatch(text -> text.contains('"' + authority + '"'));
  }

  private static Route past(String registry, String why, FilePosition at) {
    return new Route(registry, Way.PAST, why, at);
  }
}
