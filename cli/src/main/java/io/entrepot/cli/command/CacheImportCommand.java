package io.entrepot.cli.command;

import io.entrepot.proxy.StoreRequest;

/** {@code entrepot cache import}. */
final class CacheImportCommand extends CacheStoreCommand {

  private final Option<String> layout =
      arguments().parameter(0, String.class, "LAYOUT", "oci:DIR or oci-archive:FILE.");

  CacheImportCommand(Invocation invocation) {
    super(
        invocation,
        new StoreRequest.Import(""),
        "Read an OCI image layout into the store. Each blob is hashed on the way in.",
        "  entrepot cache import oci:carried",
        "  entrepot cache import oci-archive:carried.tar");
  }

  @Override
  StoreRequest request(Invocation context) {
    return new StoreRequest.Import(CacheExportCommand.layout(context, "import", layout.value()));
  }
}
