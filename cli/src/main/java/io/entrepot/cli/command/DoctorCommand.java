package io.entrepot.cli.command;

import io.entrepot.ca.TrustingClient;
import io.entrepot.cli.output.DoctorOutput;
import io.entrepot.doctor.Diagnosis;
import io.entrepot.doctor.ExaminedClient;
import io.entrepot.doctor.SoughtProxy;
import io.entrepot.proxy.ClientConfiguration;
import io.entrepot.proxy.ProxySpec;
import io.entrepot.proxy.ProxySpecReader;
import io.entrepot.proxy.ServedAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code entrepot doctor}: why a pull does not come through the proxy. */
final class DoctorCommand extends EntrepotCommand {

  private final Option<ExaminedClient> client =
      arguments()
          .optionalParameter(
              0,
              ExaminedClient.class,
              "CLIENT",
              "containerd, k3s, podman or docker. Default: those that are installed.");

  private final Option<Path> config =
      arguments()
          .file(
              "-c, --config",
              "proxy.yaml: the registries, names, port, TLS and users of the proxy. Default: what"
                  + " serve does without a file.");

  private final Option<String> address =
      arguments()
          .option(
              "--address",
              String.class,
              "HOST:PORT",
              "Where the client shall reach the proxy, and nowhere else. Default: localhost,"
                  + " host.k3d.internal and names: of proxy.yaml, at the port of listen: or 5000.");

  private final Option<Path> root =
      arguments()
          .option(
              "--root",
              Path.class,
              "DIR",
              "The file system whose clients are meant, such as a node's (default: /).");

  private final OutputOptions output = new OutputOptions(arguments());

  DoctorCommand(Invocation invocation) {
    super(
        invocation,
        "Say why a pull does not come through the proxy: read the client's own files, send one"
            + " request to the proxy, name what is wrong and print the lines to write.",
        "",
        "Exit code 0 when everything goes through the proxy, 1 when something does not.",
        "",
        "Examples:",
        "  entrepot doctor                                  the clients that are installed here",
        "  entrepot doctor containerd -c proxy.yaml",
        "  entrepot doctor k3s --root /mnt/node --address cache.internal:5000",
        "  entrepot doctor podman -o json");
  }

  @Override
  ExitCode run(Invocation context) {
    Path system = root.isGiven() ? context.file(root.value()) : Path.of("/");
    if (!Files.isDirectory(system)) {
      throw new UsageException("--root: no such directory: " + system);
    }
    ProxySpec spec =
        config.isGiven()
            ? ProxySpecReader.load(context.loader(), context.file(config.value()))
            : null;
    if (address.isGiven()) {
      ServeOptions.port(address.value());
    }
    List<DoctorOutput.Client> examined = new ArrayList<>();
    for (ExaminedClient each : clients(system)) {
      examined.add(examine(context, each, system, spec));
    }
    DoctorOutput.print(context.console(), output.json(), examined);
    return examined.stream().allMatch(DoctorOutput.Client::isWhole)
        ? ExitCode.DONE
        : ExitCode.FAILED;
  }

  private List<ExaminedClient> clients(Path system) {
    if (client.isGiven()) {
      return List.of(client.value());
    }
    Set<String> installed =
        TrustingClient.installed(system).stream()
            .map(TrustingClient::word)
            .collect(Collectors.toSet());
    List<ExaminedClient> clients =
        Arrays.stream(ExaminedClient.values())
            .filter(each -> installed.contains(each.word()))
            .toList();
    if (clients.isEmpty()) {
      throw new UsageException("no client is installed below %s; name one".formatted(system));
    }
    return clients;
  }

  private DoctorOutput.Client examine(
      Invocation context, ExaminedClient wanted, Path system, @Nullable ProxySpec spec) {
    ClientConfiguration configuration = ClientConfiguration.valueOf(wanted.name());
    ServedAddress served = ClientAddress.of(context, configuration, spec, address.orNull(), null);
    SoughtProxy proxy =
        new SoughtProxy(
            authorities(spec),
            served.ca() != null,
            served.hub(),
            served.login(),
            ClientAddress.registries(spec));
    Diagnosis diagnosis = wanted.examine(system, proxy);
    Diagnosis.Contact contact =
        diagnosis
            .contact()
            .orElseGet(
                () ->
                    new Diagnosis.Contact(
                        (proxy.tls() ? "https://" : "http://") + served.authority(),
                        Optional.ofNullable(served.ca()),
                        true,
                        false,
                        wanted == ExaminedClient.CONTAINERD || wanted == ExaminedClient.K3S));
    String registry =
        diagnosis.routes().stream()
            .filter(route -> route.way() == Diagnosis.Way.THROUGH)
            .map(Diagnosis.Route::registry)
            .findFirst()
            .or(() -> proxy.registries().stream().findFirst())
            .orElse("docker.io");
    DoctorOutput.Answer answer =
        new ProxyRequest(context, contact, spec == null ? null : served).send(registry);
    return new DoctorOutput.Client(
        wanted.word(),
        diagnosis,
        answer,
        configuration.print(served, proxy.registries()),
        configuration.notes(served));
  }

  private Set<String> authorities(@Nullable ProxySpec spec) {
    if (address.isGiven()) {
      return Set.of(address.value().toLowerCase(Locale.ROOT));
    }
    Set<String> authorities = new LinkedHashSet<>(ClientAddress.authorities(spec));
    int port = spec == null ? 5000 : ServeOptions.port(spec.listen());
    authorities.add("127.0.0.1:" + port);
    authorities.add("k3d-entrepot.localhost:" + port);
    return authorities;
  }
}
