package io.entrepot.doctor;

import io.entrepot.doctor.Diagnosis.Contact;
import io.entrepot.doctor.Diagnosis.Route;
import io.entrepot.doctor.Diagnosis.Way;
import io.entrepot.text.FilePosition;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One {@code hosts.toml} of containerd: hosts that are asked in their order, the server last. */
record HostsToml(NodeFiles files, SoughtProxy proxy, String file, Toml toml) {

  /** A route, and how the proxy is asked where it goes there. */
  record Judged(Route route, @Nullable Contact contact) {
    static Judged past(String registry, String why, FilePosition at) {
      return new Judged(new Route(registry, Way.PAST, why, at), null);
    }
  }

  Judged judge(String registry) {
    if (!toml.unread().isEmpty()) {
      return past(registry, "cannot be read as TOML", toml.unread().getFirst());
    }
    Toml.Table foreign = null;
    for (Toml.Table table : toml.tables()) {
      if (table.path().size() != 2 || !table.path().getFirst().equals("host")) {
        continue;
      }
      if (proxy.isAt(table.path().getLast())) {
        return foreign == null
            ? host(registry, table, table.path().getLast(), table.line())
            : past(
                registry, foreign.path().getLast() + " is asked before the proxy", foreign.line());
      }
      if (foreign == null && can(table, "pull")) {
        foreign = table;
      }
    }
    Toml.Table top = toml.tables().getFirst();
    Toml.Value server = top.get("server");
    if (server != null && foreign == null && proxy.isAt(server.text())) {
      return host(registry, top, server.text(), server.line());
    }
    return past(registry, "no [host.\"…\"] of this file is the proxy", 0);
  }

  private Judged host(String registry, Toml.Table table, String address, int line) {
    Toml.Value capabilities = table.get("capabilities");
    int said = capabilities == null ? line : capabilities.line();
    if (!can(table, "pull")) {
      return past(registry, "capabilities of the proxy lack \"pull\"", said);
    }
    if (!can(table, "resolve")) {
      return past(
          registry,
          "capabilities of the proxy lack \"resolve\", so tags are asked of the registry itself",
          said);
    }
    if (table.isTrue("override_path") && SoughtProxy.path(address).isEmpty()) {
      return past(registry, "override_path leaves /v2 out of the address", line);
    }
    Toml.Value ca = table.get("ca");
    Optional<Path> trusted = Optional.empty();
    if (ca != null && !ca.text().isEmpty()) {
      if (!files.isFile(ca.text())) {
        return past(registry, "ca names a file that is not there: " + ca.text(), ca.line());
      }
      trusted = Optional.of(files.path(ca.text()));
    }
    boolean login =
        toml.tables().stream()
            .anyMatch(
                each ->
                    each.path().size() == 3
                        && each.path().subList(0, 2).equals(table.path())
                        && each.path().getLast().equals("header")
                        && each.get("Authorization") != null);
    String scheme = address.startsWith("http://") ? "http://" : "https://";
    return new Judged(
        new Route(registry, Way.THROUGH, address, files.at(file, line)),
        new Contact(
            scheme + SoughtProxy.authority(address),
            trusted,
            !table.isTrue("skip_verify"),
            login,
            true));
  }

  private Judged past(String registry, String why, int line) {
    return Judged.past(registry, why, files.at(file, line));
  }

  /** Whether a host may be asked for something; without a list for everything. */
  private static boolean can(Toml.Table table, String capability) {
    Toml.Value capabilities = table.get("capabilities");
    return capabilities == null
        || capabilities.texts().isEmpty()
        || capabilities.texts().contains(capability);
  }
}
