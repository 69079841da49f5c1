package io.entrepot.cli.command;

import io.entrepot.layout.LayoutReference;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.StoreRequest;
import java.util.List;

/** {@code entrepot cache export}. */
final class CacheExportCommand extends CacheStoreCommand {

  private final Option<String> layout =
      arguments().parameter(0, String.class, "LAYOUT", "oci:DIR or oci-archive:FILE.");

  private final Option<List<String>> images =
      arguments()
          .parameters(
              1, 0, String.class, "REF", "Images, as cache ls prints them (default: all of them).");

  CacheExportCommand(Invocation invocation) {
    super(
        invocation,
        new StoreRequest.Export("", List.of()),
        "Write images of the store into an OCI image layout. Entries of others in it are kept.",
        "  entrepot cache export oci:carried",
        "  entrepot cache export oci-archive:carried.tar docker.io/library/redis:7");
  }

  @Override
  StoreRequest request(Invocation context) {
    return new StoreRequest.Export(
        layout(context, "export", layout.value()),
        images.or(List.of()).stream().map(CacheExportCommand::listed).toList());
  }

  /** The layout with an absolute path: the server that holds the store starts elsewhere. */
  static String layout(Invocation context, String command, String given) {
    LayoutReference layout =
        LayoutReference.parse(given)
            .filter(each -> each.name() == null)
            .orElseThrow(
                () ->
                    new UsageException(
                        "cache %s needs a layout: oci:DIR or oci-archive:FILE".formatted(command)));
    return layout.at(context.file(layout.path()).toAbsolutePath()).toString();
  }

  /**
   * A reference as {@code ls} prints it: short names of Docker Hub in full, local ones as they are.
   */
  private static String listed(String image) {
    return RegistryName.beginsName(image) ? ImageReference.parse(image).toString() : image;
  }
}
