package io.entrepot.doctor;

import io.entrepot.doctor.Diagnosis.Contact;
import io.entrepot.doctor.Diagnosis.Fault;
import io.entrepot.doctor.Diagnosis.Route;
import io.entrepot.doctor.Diagnosis.Way;
import io.entrepot.text.FilePosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** containerd: {@code config.toml} says where {@code hosts.toml} of each registry lies. */
final class ContainerdFiles {

  private static final String CONFIG = "/etc/containerd/config.toml";

  /** Where each version of {@code config.toml} has the registries of CRI. */
  private static final Map<String, List<String>> TABLES =
      Map.of(
          "1", List.of("plugins", "cri", "registry"),
          "2", List.of("plugins", "io.containerd.grpc.v1.cri", "registry"),
          "3", List.of("plugins", "io.containerd.cri.v1.images", "registry"));

  private final NodeFiles files;
  private final SoughtProxy proxy;
  private final List<Fault> faults = new ArrayList<>();

  ContainerdFiles(NodeFiles files, SoughtProxy proxy) {
    this.files = files;
    this.proxy = proxy;
  }

  /** Where {@code config_path} stands, and what it says. */
  private record ConfigPath(List<String> folders, FilePosition at) {}

  Diagnosis examine() {
    ConfigPath path = configPath();
    List<Route> routes = new ArrayList<>();
    Contact contact = null;
    for (String registry : proxy.registries()) {
      if (path == null) {
        routes.add(
            new Route(
                registry,
                Way.PAST,
                "config_path is not set, so no hosts.toml is read",
                files.at(CONFIG)));
        continue;
      }
      HostsToml.Judged judged = judge(registry, path);
      routes.add(judged.route());
      contact = contact == null ? judged.contact() : contact;
    }
    return new Diagnosis(routes, faults, Optional.ofNullable(contact));
  }

  private HostsToml.Judged judge(String registry, ConfigPath path) {
    int colon = registry.lastIndexOf(':');
    List<String> names =
        colon < 0
            ? List.of(registry, "_default")
            : List.of(
                registry.substring(0, colon) + "_" + registry.substring(colon + 1) + "_",
                registry,
                "_default");
    // The first folder that is there decides, whatever is in it.
    for (String folder : path.folders()) {
      for (String name : names) {
        String directory = folder + "/" + name;
        if (files.isDirectory(directory)) {
          String file = directory + "/hosts.toml";
          return files
              .text(file)
              .map(text -> new HostsToml(files, proxy, file, Toml.parse(text)).judge(registry))
              .orElseGet(
                  () ->
                      HostsToml.Judged.past(
                          registry,
                          "the folder has no hosts.toml, and containerd looks into no other",
                          files.at(directory)));
        }
      }
    }
    return HostsToml.Judged.past(
        registry,
        "neither %s/hosts.toml nor _default/hosts.toml is in %s"
            .formatted(registry, String.join(" or ", path.folders())),
        path.at());
  }

  private @Nullable ConfigPath configPath() {
    String text = files.text(CONFIG).orElse(null);
    if (text == null) {
      faults.add(
          new Fault(
              "there is no config.toml, so config_path is not set; write: version = 2%n%s"
                  .formatted(lines("2")),
              files.at(CONFIG)));
      return null;
    }
    Toml main = Toml.parse(text);
    ConfigPath found = configPath(CONFIG, main);
    Toml.Value imports = main.tables().getFirst().get("imports");
    for (String pattern : imports == null ? List.<String>of() : imports.texts()) {
      String place = pattern.startsWith("/") ? pattern : "/etc/containerd/" + pattern;
      int slash = place.lastIndexOf('/');
      for (String file : files.list(place.substring(0, slash), place.substring(slash + 1))) {
        ConfigPath more =
            files.text(file).map(each -> configPath(file, Toml.parse(each))).orElse(null);
        found = more == null ? found : more;
      }
    }
    if (found == null) {
      String version = version(main);
      faults.add(
          new Fault(
              "config_path is not set; without it hosts.toml is ignored. Write, and restart"
                  + " containerd:%n%s".formatted(lines(version)),
              files.at(CONFIG)));
    }
    return found;
  }

  private @Nullable ConfigPath configPath(String file, Toml toml) {
    toml.unread()
        .forEach(line -> faults.add(new Fault("cannot be read as TOML", files.at(file, line))));
    String version = version(toml);
    ConfigPath found = null;
    for (Toml.Table table : toml.tables()) {
      Toml.Value disabled = table.path().isEmpty() ? table.get("disabled_plugins") : null;
      if (disabled != null
          && (disabled.texts().contains("cri")
              || disabled.texts().contains("io.containerd.grpc.v1.cri"))) {
        faults.add(
            new Fault(
                "disabled_plugins switches CRI off, by which kubelet pulls",
                files.at(file, disabled.line())));
      }
      for (Map.Entry<String, List<String>> known : TABLES.entrySet()) {
        if (table.path().equals(known.getValue())) {
          Toml.Value value = table.get("config_path");
          if (value != null && !value.text().isBlank()) {
            FilePosition at = files.at(file, value.line());
            if (known.getKey().equals(version)) {
              found = new ConfigPath(List.of(value.text().split(":")), at);
            } else {
              faults.add(
                  new Fault(
                      "a file of version = %s does not read this table; it reads [%s]"
                          .formatted(version, header(version)),
                      at));
            }
          }
        } else if (table.path().size() == 5
            && table.path().subList(0, 3).equals(known.getValue())
            && table.path().get(3).equals("mirrors")) {
          faults.add(
              new Fault(
                  "registry.mirrors is the old form, which containerd refuses beside config_path;"
                      + " take it out and write hosts.toml",
                  files.at(file, table.line())));
        }
      }
    }
    return found;
  }

  /** The file's version; 1 where it says none, as containerd takes it. */
  private static String version(Toml toml) {
    String version = toml.tables().getFirst().text("version");
    return TABLES.containsKey(version) ? version : "1";
  }

  private static String header(String version) {
    return TABLES.getOrDefault(version, List.of()).stream()
        .map(key -> key.contains(".") ? "\"" + key + "\"" : key)
        .reduce((left, right) -> left + "." + right)
        .orElse("");
  }

  private static String lines(String version) {
    return "[%s]\n  config_path = \"/etc/containerd/certs.d\"".formatted(header(version));
  }
}
