package io.entrepot.cli.command;

import io.entrepot.config.ByteSize;
import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutReference;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.ChartRun;
import io.entrepot.mirror.LayoutExport;
import io.entrepot.mirror.LayoutImport;
import io.entrepot.mirror.MirrorSettings;
import io.entrepot.mirror.RunPolicy;
import io.entrepot.registry.RegistryClient;
import io.entrepot.render.RenderTools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** By which image layout a mirror file travels, where it travels by one. */
final class LayoutOptions {

  private final Option<String> to;
  private final Option<String> from;
  private final Option<Path> since;
  private final Option<ByteSize> split;

  LayoutOptions(Arguments arguments) {
    to =
        arguments.option(
            "--to",
            String.class,
            "LAYOUT",
            "Copy everything into an image layout instead, oci:DIR or oci-archive:FILE; the target"
                + " is not asked.");
    from =
        arguments.option(
            "--from",
            String.class,
            "LAYOUT",
            "Bring everything out of an image layout to the target; no source is asked.");
    since =
        arguments.file(
            "--since",
            "With --to: the lock of the side that gets the layout; what it has is left out.");
    split =
        arguments.option(
            "--split",
            ByteSize.class,
            "SIZE",
            "With --to oci-archive:FILE: cut it into FILE.001, FILE.002 and so on of at most this"
                + " size.");
  }

  /** Which way is meant. */
  private record Way(@Nullable LayoutReference to, @Nullable LayoutReference from) {}

  private Way way() {
    LayoutReference into = layout("--to", to);
    LayoutReference outOf = layout("--from", from);
    if (into != null && outOf != null) {
      throw new UsageException("--to and --from exclude each other");
    }
    if (since.isGiven() && into == null) {
      throw new UsageException("--since needs --to");
    }
    if (split.isGiven() && (into == null || !into.archive())) {
      throw new UsageException("--split needs --to oci-archive:FILE");
    }
    if (split.isGiven() && split.value().bytes() < 1) {
      throw new UsageException("--split takes a size above 0");
    }
    return new Way(into, outOf);
  }

  private static @Nullable LayoutReference layout(String option, Option<String> given) {
    if (!given.isGiven()) {
      return null;
    }
    LayoutReference layout =
        LayoutReference.parse(given.value())
            .orElseThrow(
                () ->
                    new UsageException(
                        "%s takes oci:DIR or oci-archive:FILE, not '%s'"
                            .formatted(option, given.value())));
    if (layout.name() != null) {
      throw new UsageException(
          "%s takes a whole layout, without a name in it: %s".formatted(option, layout.whole()));
    }
    return layout;
  }

  /** Whether a layout takes part. */
  boolean isGiven() {
    return to.isGiven() || from.isGiven() || since.isGiven() || split.isGiven();
  }

  /** Whether images come from a layout and not from their sources. */
  boolean isArrival() {
    return from.isGiven();
  }

  /**
   * Opens the route.
   *
   * @param policy what may arrive
   * @param locked whether the lock says which charts and images there are
   * @param writes false for a plan alone
   */
  MirrorRoute route(
      Invocation context,
      RegistryClient client,
      MirrorSettings settings,
      Optional<LockFile> former,
      Optional<RunPolicy> policy,
      boolean locked,
      boolean writes) {
    Way way = way();
    LayoutReference into = way.to();
    LayoutReference outOf = way.from();
    LockFile own = former.orElseGet(LockFile::empty);
    if (outOf != null) {
      Layout layout = Layout.open(outOf.at(context.file(outOf.path())));
      try {
        return new MirrorRoute.OutOf(
            client, layout, new LayoutImport(layout, settings, own, policy));
      } catch (RuntimeException e) {
        layout.close();
        throw e;
      }
    }
    ChartRun charts =
        locked
            ? ChartRun.locked(settings, client, own)
            : ChartRun.of(settings, client, own, RenderTools.DEFAULTS);
    if (into != null) {
      LockFile old = since.isGiven() ? LockFileCodec.read(context.file(since.value())) : null;
      Layout layout = into(into.at(context.file(into.path())), writes);
      return new MirrorRoute.Into(
          charts, layout, new LayoutExport(layout, charts.spec(), old), former);
    }
    return new MirrorRoute.Between(charts, former);
  }

  private Layout into(LayoutReference layout, boolean writes) {
    if (writes) {
      return Layout.edit(layout, split.isGiven() ? split.value().bytes() : 0);
    }
    return Files.exists(layout.path()) ? Layout.open(layout) : Layout.nothing(layout);
  }
}
