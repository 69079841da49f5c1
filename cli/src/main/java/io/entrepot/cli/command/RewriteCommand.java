package io.entrepot.cli.command;

import io.entrepot.config.PinSettings;
import io.entrepot.config.SpecLoader;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.pin.PinPlan;
import io.entrepot.pin.PinRules;
import io.entrepot.pin.PlanWriter;
import io.entrepot.registry.ClientSettings;
import io.entrepot.registry.ForwardProxies;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.auth.CredentialSources;
import io.entrepot.yaml.ConfigException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands that rewrite GitOps files have in common. */
abstract class RewriteCommand implements Callable<Integer> {

  static final int DONE = 0;
  static final int REFUSED = 1;
  static final int USAGE = 2;
  static final int CHANGES = 3;

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Rules for places that no convention covers (default: pin.yaml, if there).")
  @Nullable Path config;

  @Option(names = "--check", description = "Change nothing; exit 3 if something would change.")
  boolean check;

  @Option(names = "--diff", description = "Change nothing; print a unified diff.")
  boolean diff;

  @Option(
      names = "--output",
      paramLabel = "FORM",
      description = "text, json or markdown (default: text).")
  String output = "text";

  @Option(names = "--quiet", description = "Print nothing but problems.")
  boolean quiet;

  @Option(names = "--verbose", description = "Print stack traces of failures.")
  boolean verbose;

  @Override
  public final Integer call() {
    try {
      PinReport.Form form = form();
      return run(settings(), form);
    } catch (ConfigException | MalformedException | UsageException e) {
      return fail(USAGE, e);
    } catch (NoSuchFileException e) {
      return fail(USAGE, new UsageException("no such file or directory: " + e.getMessage()));
    } catch (IOException | IllegalStateException e) {
      return fail(REFUSED, e);
    }
  }

  /** Does the work, with what {@code pin.yaml} says. */
  abstract int run(PinSettings settings, PinReport.Form form) throws IOException;

  /** Prints and writes; the exit code. */
  final int finish(PinPlan plan, PinReport.Form form, boolean leftIsAllowed) throws IOException {
    boolean dry = check || diff;
    if (!dry) {
      PlanWriter.write(plan);
    }
    if (diff && form == PinReport.Form.TEXT) {
      out().print(PinReport.diff(plan));
      plan.left()
          .forEach(
              left ->
                  err()
                      .printf(
                          "%s:%d: left: %s%s%n",
                          left.file(),
                          left.line(),
                          left.image().isEmpty() ? "" : left.image() + ": ",
                          left.reason()));
    } else if (!quiet || form != PinReport.Form.TEXT) {
      out().print(PinReport.of(plan, form, dry));
    }
    out().flush();
    err().flush();
    if (check && !plan.edits().isEmpty()) {
      return CHANGES;
    }
    return plan.blocked() && !leftIsAllowed ? REFUSED : DONE;
  }

  /** Runs something with a client that is closed afterwards. */
  final <T> T withClient(PinSettings settings, ClientUse<T> use) throws IOException {
    Vertx vertx = Vertx.vertx();
    try (RegistryClient client =
        new RegistryClient(
            vertx,
            ClientSettings.DEFAULTS,
            ForwardProxies.fromEnvironment(System.getenv()),
            CredentialSources.standard(
                System.getenv(),
                Path.of(System.getProperty("user.home")),
                Map.of(),
                warning -> err().println(warning)),
            name -> upstream(settings, name))) {
      return use.with(client);
    } finally {
      vertx.close().await();
    }
  }

  private static Upstream upstream(PinSettings settings, RegistryName name) {
    Upstream configured = settings.registries().get(name);
    return configured == null ? Upstream.of(name) : configured;
  }

  /** Work with a registry client. */
  @FunctionalInterface
  interface ClientUse<T> {
    T with(RegistryClient client) throws IOException;
  }

  final PrintWriter out() {
    return command().commandLine().getOut();
  }

  final PrintWriter err() {
    return command().commandLine().getErr();
  }

  private CommandSpec command() {
    if (spec == null) {
      throw new IllegalStateException("not run by the command line");
    }
    return spec;
  }

  private PinReport.Form form() {
    return switch (output.toLowerCase(Locale.ROOT)) {
      case "text" -> PinReport.Form.TEXT;
      case "json" -> PinReport.Form.JSON;
      case "markdown" -> PinReport.Form.MARKDOWN;
      default ->
          throw new UsageException(
              "--output takes text, json or markdown, not '%s'".formatted(output));
    };
  }

  private PinSettings settings() {
    Path usual = Path.of("pin.yaml");
    Path file = config;
    if (file == null && Files.exists(usual)) {
      file = usual;
    }
    if (file != null) {
      return SpecLoader.ofProcess().loadPin(file);
    }
    SortedMap<RegistryName, Upstream> none = new TreeMap<>();
    return new PinSettings(PinRules.DEFAULT, null, none);
  }

  private int fail(int code, Exception e) {
    String message = e.getMessage();
    err().println(message == null ? e.toString() : message);
    if (verbose) {
      e.printStackTrace(err());
    }
    err().flush();
    return code;
  }
}
