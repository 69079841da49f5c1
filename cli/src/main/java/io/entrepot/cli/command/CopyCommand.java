package io.entrepot.cli.command;

import io.entrepot.cli.output.Json;
import io.entrepot.cli.output.Progress;
import io.entrepot.cli.output.ReportOutput;
import io.entrepot.mirror.CopyPolicy;
import io.entrepot.mirror.Mirror;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorOptions;
import io.entrepot.mirror.MirrorPlan;
import io.entrepot.mirror.MirrorReport;
import io.entrepot.mirror.MirrorSpec;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Tag;
import java.util.List;
import java.util.Optional;

final class CopyCommand extends EntrepotCommand {

  private final Option<ImageReference> source =
      arguments().parameter(0, ImageReference.class, "SOURCE", "The image, for example redis:7.");

  private final Option<ImageReference> target =
      arguments().parameter(1, ImageReference.class, "TARGET", "Where it goes.");

  private final Option<List<Platform>> platforms =
      arguments()
          .options(
              "--platform",
              Platform.class,
              "P",
              "A platform that must really be there, or nothing is copied; may be repeated.");

  private final Flag referrers =
      arguments().flag("--referrers", "Signatures, SBOMs and attestations travel along.");

  private final OutputOptions output = new OutputOptions(arguments());

  private final RegistryOptions registries = new RegistryOptions(arguments());

  CopyCommand(Invocation invocation) {
    super(
        invocation,
        "Copy one image, chart or other artifact, bit for bit and with all its platforms.",
        "",
        "A target without a tag gets the source's.",
        "",
        "Examples:",
        "  entrepot copy redis:7 localhost:5000/redis:7",
        "  entrepot copy redis:7 ghcr.io/acme/mirror/redis --platform linux/amd64 --platform"
            + " linux/arm64",
        "  entrepot copy ghcr.io/acme/tool:1.0 localhost:5000/tool:1.0 --referrers");
  }

  @Override
  ExitCode run(Invocation context) {
    ImageCopy entry = new ImageCopy(wanted(), copy(), policy(), "");
    try (Session session = Session.open(context, registries.upstreams(context))) {
      MirrorReport done = copy(context, session, entry);
      if (output.json()) {
        context.console().document(Json.document(ReportOutput.json(done)));
      } else {
        ReportOutput.print(context.console(), done);
      }
      return MirrorCommand.exitCode(done);
    }
  }

  private static MirrorReport copy(Invocation context, Session session, ImageCopy entry) {
    try (Progress progress = Progress.of(context.console(), context.terminal())) {
      Mirror mirror = new Mirror(session.client(), MirrorOptions.DEFAULTS, progress.listener());
      MirrorPlan plan = mirror.plan(new MirrorSpec(List.of(entry)), Optional.empty());
      progress.images(plan.images().size());
      return mirror.run(plan);
    }
  }

  private ImageReference wanted() {
    ImageReference named = source.value().orLatest();
    return named.digest() == null ? named : named.pinnedTo(named.digest());
  }

  private ImageReference copy() {
    ImageReference from = source.value();
    ImageReference to = target.value();
    if (to.digest() != null) {
      throw new UsageException("a target is named by tag, not by digest: " + to);
    }
    Tag tag = to.tag() != null ? to.tag() : from.orLatest().tag();
    if (tag == null) {
      throw new UsageException(
          "%s is given by digest; say under which tag it is kept: %s:TAG".formatted(from, to));
    }
    ImageReference copy = to.repository().tagged(tag);
    if (copy.equals(from.orLatest())) {
      throw new UsageException("source and target are the same: " + copy);
    }
    return copy;
  }

  private CopyPolicy policy() {
    // Without platforms nothing is asked of the image, and a chart is as welcome.
    List<Platform> wanted = platforms.or(List.of());
    return new CopyPolicy(
        wanted,
        wanted.isEmpty(),
        referrers.isSet(),
        false,
        wanted.size() == 1 ? "asked for on the command line" : null);
  }
}
