package io.entrepot.cli.command;

import io.entrepot.proxy.StoreRequest;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** {@code entrepot cache}: the commands below it. */
final class CacheCommand extends EntrepotCommand {

  private static final List<Below> ALL =
      List.of(
          new Below("ls", CacheCommand::ls),
          new Below("du", CacheCommand::du),
          new Below("rm", CacheRemoveCommand::new),
          new Below("gc", CacheCommand::gc),
          new Below("verify", CacheCommand::verify),
          new Below("warm", CacheWarmCommand::new),
          new Below("import", CacheImportCommand::new),
          new Below("export", CacheExportCommand::new));

  /** A command below this one. */
  private record Below(String name, Function<Invocation, EntrepotCommand> made) {}

  CacheCommand(Invocation invocation) {
    super(
        invocation,
        "Show, clean, check and fill the proxy's store, whether or not the proxy runs.",
        "",
        "Examples:",
        "  entrepot cache ls",
        "  entrepot cache rm docker.io/library/redis:7",
        "  entrepot cache gc && entrepot cache du",
        "  entrepot cache verify",
        "  entrepot cache warm --lock images.lock.yaml",
        "  entrepot cache export oci:carried docker.io/library/redis:7",
        "  entrepot cache import oci:carried");
    ALL.forEach(each -> spec().addSubcommand(each.name(), each.made().apply(invocation).spec()));
  }

  @Override
  ExitCode run(Invocation context) {
    throw new UsageException(
        "cache needs one of %s; entrepot help cache explains them"
            .formatted(ALL.stream().map(Below::name).collect(Collectors.joining(", "))));
  }

  private static EntrepotCommand ls(Invocation invocation) {
    return new CacheStoreCommand(
        invocation,
        new StoreRequest.ListImages(),
        "List what the store holds: images by their tags and digests.",
        "  entrepot cache ls",
        "  entrepot cache ls --output json");
  }

  private static EntrepotCommand du(Invocation invocation) {
    return new CacheStoreCommand(
        invocation,
        new StoreRequest.MeasureUse(),
        "Measure the store: how many bytes it takes, repository by repository.",
        "  entrepot cache du",
        "  entrepot cache du --cache /var/cache/entrepot");
  }

  private static EntrepotCommand gc(Invocation invocation) {
    return new CacheStoreCommand(
        invocation,
        new StoreRequest.CollectGarbage(),
        "Remove blobs that no manifest needs any more. What was just pushed or is being read"
            + " stays.",
        "  entrepot cache gc");
  }

  private static EntrepotCommand verify(Invocation invocation) {
    return new CacheStoreCommand(
        invocation,
        new StoreRequest.VerifyContents(),
        "Read every file of the store again, and set aside what is not what its digest says.",
        "  entrepot cache verify");
  }
}
