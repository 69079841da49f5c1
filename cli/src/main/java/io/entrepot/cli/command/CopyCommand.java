package io.entrepot.cli.command;

import io.entrepot.cli.output.Json;
import io.entrepot.cli.output.Progress;
import io.entrepot.cli.output.ReportOutput;
import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutNames;
import io.entrepot.layout.LayoutReference;
import io.entrepot.layout.LayoutRegistry;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
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
import io.entrepot.registry.RegistryClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

final class CopyCommand extends EntrepotCommand {

  private final Option<String> source =
      arguments()
          .parameter(
              0,
              String.class,
              "SOURCE",
              "The image, for example redis:7, or oci:DIR[:NAME] or oci-archive:FILE[:NAME].");

  private final Option<String> target =
      arguments().parameter(1, String.class, "TARGET", "Where it goes, named in the same way.");

  private final Option<List<Platform>> platforms =
      arguments()
          .options(
              "--platform",
              Platform.class,
              "P",
              "A platform that must really be there, or nothing is copied; may be repeated.");

  private final Flag referrers =
      arguments().flag("--referrers", "Signatures, SBOMs and attestations travel along.");

  private final PolicyOptions policy = new PolicyOptions(arguments());

  private final Option<Path> lock =
      arguments()
          .file("--lock", "The lock file that knows when the image was first seen, for its age.");

  private final OutputOptions output = new OutputOptions(arguments());

  private final RegistryOptions registries = new RegistryOptions(arguments());

  CopyCommand(Invocation invocation) {
    super(
        invocation,
        "Copy one image, chart or other artifact, bit for bit and with all its platforms.",
        "",
        "A target without a tag gets the source's. An image layout is a directory (oci:DIR) or a"
            + " tar archive (oci-archive:FILE) as skopeo, podman, crane and regctl read and write"
            + " them; what others put into it stays.",
        "",
        "Examples:",
        "  entrepot copy redis:7 localhost:5000/redis:7",
        "  entrepot copy redis:7 ghcr.io/acme/mirror/redis --platform linux/amd64 --platform"
            + " linux/arm64",
        "  entrepot copy ghcr.io/acme/tool:1.0 localhost:5000/tool:1.0 --referrers",
        "  entrepot copy redis:7 oci:images:redis7",
        "  entrepot copy oci-archive:tool.tar localhost:5000/tool:1.0");
  }

  @Override
  ExitCode run(Invocation context) {
    CopyEnd from = CopyEnd.source(context, source.value());
    CopyEnd to = CopyEnd.parse(context, target.value());
    ImageCopy entry = new ImageCopy(wanted(from), copy(from, to), policy(), "");
    try (Session session = Session.open(context, registries.upstreams(context))) {
      MirrorReport done = copy(context, session, from, to, entry);
      if (output.json()) {
        context.console().document(Json.document(json(done, from, to)));
      } else {
        ReportOutput.print(context.console(), done);
      }
      return MirrorCommand.exitCode(done);
    }
  }

  private MirrorOptions options(Invocation context) {
    return policy
        .run(context, registries.file(), false)
        .map(MirrorOptions.DEFAULTS::under)
        .orElse(MirrorOptions.DEFAULTS);
  }

  /** The report, with a layout as it stands on the command line. */
  private ObjectNode json(MirrorReport done, CopyEnd from, CopyEnd to) {
    ObjectNode document = ReportOutput.json(done);
    for (JsonNode image : document.path("images")) {
      if (image instanceof ObjectNode object) {
        if (from.layout() != null) {
          object.put("source", source.value());
        }
        if (to.layout() != null) {
          object.put("target", target.value());
        }
      }
    }
    return document;
  }

  private MirrorReport copy(
      Invocation context, Session session, CopyEnd from, CopyEnd to, ImageCopy entry) {
    LayoutReference outOf = from.layout();
    LayoutReference into = to.layout();
    try (Layout read = outOf == null ? null : Layout.open(outOf);
        Layout written = into == null ? null : Layout.edit(into, 0);
        Progress progress = Progress.of(context.console(), context.terminal())) {
      RegistryClient source =
          read == null || outOf == null
              ? session.client()
              : LayoutRegistry.client(read, LayoutNames.single(entry.source(), outOf.name()));
      RegistryClient target =
          written == null || into == null
              ? session.client()
              : LayoutRegistry.client(
                  written, LayoutNames.single(entry.target(), name(into, from)));
      Mirror mirror = new Mirror(source, target, options(context), progress.listener());
      Optional<LockFile> seen =
          Optional.ofNullable(lock.orNull()).map(context::file).map(LockFileCodec::read);
      MirrorPlan plan = mirror.plan(new MirrorSpec(List.of(entry)), seen);
      progress.images(plan.images().size());
      MirrorReport done = mirror.run(plan);
      if (written != null && MirrorCommand.exitCode(done) == ExitCode.DONE) {
        written.finish();
      }
      return done;
    }
  }

  /** The name in a layout: what is given, else the source's tag; an image by digest has none. */
  private static @Nullable String name(LayoutReference into, CopyEnd from) {
    String given = into.name();
    Tag tag = from.tag();
    return given != null || tag == null || from.digest() != null ? given : tag.value();
  }

  private static ImageReference wanted(CopyEnd from) {
    ImageReference named = from.named();
    return named.digest() == null ? named : named.pinnedTo(named.digest());
  }

  private static ImageReference copy(CopyEnd from, CopyEnd to) {
    if (to.digest() != null) {
      throw new UsageException("a target is named by tag, not by digest: " + to.reference());
    }
    Tag tag = to.reference().tag() != null ? to.reference().tag() : from.tag();
    if (tag == null && to.layout() != null) {
      tag = Tag.LATEST;
    }
    if (tag == null) {
      throw new UsageException(
          from.layout() == null
              ? "%s is given by digest; say under which tag it is kept: %s:TAG"
                  .formatted(from.reference(), to.reference())
              : "%s has no tag; say under which one it is kept: %s:TAG"
                  .formatted(from.layout(), to.reference()));
    }
    ImageReference copy = to.reference().repository().tagged(tag);
    boolean bothInRegistries = from.layout() == null && to.layout() == null;
    boolean same = from.layout() != null && from.layout().equals(to.layout());
    if (same || (bothInRegistries && copy.equals(from.named()))) {
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
