package io.entrepot.cli.command;

import io.entrepot.proxy.StoreRequest;
import java.util.List;

/** {@code entrepot cache rm}. */
final class CacheRemoveCommand extends CacheStoreCommand {

  private final Option<List<String>> images =
      arguments().parameters(0, 0, String.class, "REF", "Images, as cache ls prints them.");

  CacheRemoveCommand(Invocation invocation) {
    super(
        invocation,
        new StoreRequest.Remove(List.of()),
        "Remove images from the store. Blobs that no other image needs go with the next cache gc.",
        "  entrepot cache rm docker.io/library/redis:7");
  }

  @Override
  StoreRequest request(Invocation context) {
    if (images.or(List.of()).isEmpty()) {
      throw new UsageException("cache rm needs at least one image");
    }
    return new StoreRequest.Remove(images.value());
  }
}
