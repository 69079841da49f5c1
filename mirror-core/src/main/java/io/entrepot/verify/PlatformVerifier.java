package io.entrepot.verify;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageConfig;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.registry.RegistryException;
import io.entrepot.verify.PlatformEntries.Entry;
import io.entrepot.verify.Problem.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whether the platforms an image is required for are really there.
 *
 * <p>What can be said of the image becomes a {@link Problem}; a registry that could not be asked
 * (quota, network, permission) is a {@link RegistryException}, since it says nothing of the image.
 */
public final class PlatformVerifier {

  private static final int PLATFORMS_AT_ONCE = 8;

  private final ImageContent content;
  private final Requirement requirement;
  private final ProblemLog log;
  private final CheckedContent checked;

  private PlatformVerifier(ImageContent content, Requirement requirement, ProblemLog log) {
    this.content = content;
    this.requirement = requirement;
    this.log = log;
    this.checked = new CheckedContent(content, log);
  }

  /**
   * Verifies {@code root} and what it names.
   *
   * @param name for the messages
   * @param root the manifest to which the name leads
   * @throws RegistryException if content could not be asked for, as opposed to not being there
   */
  public static Verification verify(
      ImageReference name, RawManifest root, ImageContent content, Requirement requirement) {
    ProblemLog log = new ProblemLog(name);
    new PlatformVerifier(content, requirement, log).run(root);
    return log.verification(root);
  }

  private void run(RawManifest root) {
    Manifest manifest;
    try {
      manifest = root.parse();
    } catch (MalformedException e) {
      log.problem(
          Kind.BROKEN_CONTENT,
          null,
          root.digest(),
          String.valueOf(e.getMessage()),
          "ask the publisher to push it again");
      requirement.platforms().forEach(platform -> log.absent(platform, List.of()));
      return;
    }
    manifest.warnings().forEach(log::note);
    if (requirement.artifact()) {
      return;
    }
    switch (manifest) {
      case Index index -> verifyIndex(root, index);
      case ImageManifest image -> verifySingle(root, image);
    }
  }

  private void verifyIndex(RawManifest root, Index index) {
    PlatformEntries entries = PlatformEntries.of(index, checked, log);
    entries.reportDoubles(requirement);
    List<Platform> wanted =
        requirement.platforms().isEmpty() ? entries.platforms() : requirement.platforms();
    if (wanted.isEmpty() && log.problems() == 0) {
      log.problem(
          Kind.NO_ENTRY,
          null,
          root.digest(),
          "the list names no image for any platform",
          "if this is an artifact and no image, list it as artifact");
    }
    Parallel.map(wanted, atOnce(), platform -> verifyPlatform(root, entries, platform))
        .forEach(log::addAll);
  }

  /** Manifests may be large, and the names of an image's files take far more memory than they. */
  private Semaphore atOnce() {
    return new Semaphore(requirement.deep() ? 1 : PLATFORMS_AT_ONCE);
  }

  /** What is found of one platform. */
  private ProblemLog verifyPlatform(RawManifest root, PlatformEntries entries, Platform platform) {
    ProblemLog found = log.another();
    Optional<Entry> entry = entries.choose(platform);
    if (entry.isPresent()) {
      new PlatformVerifier(content, requirement, found).verifyEntry(platform, entry.get());
    } else {
      found.problem(
          Kind.NO_ENTRY,
          platform,
          root.digest(),
          "no entry in the manifest list; it has " + entries.listed(),
          "ask the publisher for this platform, choose another image, or waive the platform with"
              + " a reason");
      found.absent(platform, List.of());
    }
    return found;
  }

  private void verifyEntry(Platform wanted, Entry entry) {
    Platform stated = Objects.requireNonNull(entry.platform());
    List<String> evidence = new ArrayList<>();
    if (entry.descriptor().platform() != null) {
      evidence.add(stated.toString().equals(wanted.toString()) ? "entry" : "entry for " + stated);
    }
    int before = log.problems();
    if (checked.child(entry.descriptor(), wanted) instanceof ImageManifest image) {
      evidence.add("manifest");
      verifyImage(wanted, stated, entry.descriptor().digest(), image, evidence);
    } else if (log.problems() == before) {
      log.problem(
          Kind.BROKEN_CONTENT,
          wanted,
          entry.descriptor().digest(),
          "the entry says it is an image manifest, but it is a list",
          "ask the publisher to push it again");
    }
    log.found(wanted, log.problems() == before, evidence);
  }

  private void verifyImage(
      Platform wanted, Platform stated, Digest digest, ImageManifest image, List<String> evidence) {
    if (!CheckedContent.isImage(image)) {
      notAnImage(wanted, digest, image);
      return;
    }
    Descriptor descriptor = Objects.requireNonNull(image.config());
    byte[] bytes = checked.configBytes(descriptor, wanted);
    ImageConfig config = bytes == null ? null : checked.parsed(bytes, descriptor, wanted);
    if (bytes == null || config == null) {
      return;
    }
    Platform configured = config.platform();
    if (configured == null) {
      log.problem(
          Kind.PLATFORM_DISAGREES,
          wanted,
          descriptor.digest(),
          "the configuration names no platform, the entry says " + stated,
          "ask the publisher to build the image with its platform");
      return;
    }
    if (!agree(stated, configured, bytes)) {
      log.problem(
          Kind.PLATFORM_DISAGREES,
          wanted,
          descriptor.digest(),
          "the configuration says %s, the entry says %s".formatted(configured, stated),
          "one of them lies: look at the program with verify --deep and ask the publisher to"
              + " rebuild");
      return;
    }
    evidence.add("config");
    if (requirement.deep()) {
      verifyPrograms(wanted, stated, digest, image, config, evidence);
    }
  }

  /**
   * A configuration that leaves the variant out is believed of the entry: builders wrote none for
   * years (arm/v6, arm/v7). One that states a variant must state the entry's.
   */
  private static boolean agree(Platform entry, Platform configured, byte[] config) {
    if (!entry.os().equals(configured.os())
        || !entry.architecture().equals(configured.architecture())) {
      return false;
    }
    boolean stated = !JsonMapper.shared().readTree(config).path("variant").asString("").isEmpty();
    return !stated || Objects.equals(entry.variant(), configured.variant());
  }

  private void verifySingle(RawManifest root, ImageManifest image) {
    if (!CheckedContent.isImage(image)) {
      notAnImage(null, root.digest(), image);
      requirement.platforms().forEach(platform -> log.absent(platform, List.of()));
      return;
    }
    int before = log.problems();
    Platform platform = checked.platformOf(image, null);
    List<Platform> wanted = requirement.platforms();
    if (log.problems() > before) {
      wanted.forEach(each -> log.absent(each, List.of()));
      return;
    }
    if (!requirement.singleAllowed()) {
      log.problem(
          Kind.NOT_A_LIST,
          null,
          root.digest(),
          "no manifest list: %s only".formatted(platform == null ? "unknown platform" : platform),
          "ask the publisher for a manifest list, assemble one, or waive the platforms that are"
              + " missing with a reason");
      wanted.forEach(
          each -> {
            boolean served = platform != null && platform.satisfies(each);
            if (served) {
              log.found(each, true, List.of("manifest", "config"));
            } else {
              log.absent(each, List.of());
            }
          });
      return;
    }
    if (platform == null) {
      log.problem(
          Kind.PLATFORM_DISAGREES,
          null,
          root.digest(),
          "the configuration names no platform",
          "ask the publisher to build the image with its platform");
      wanted.forEach(each -> log.absent(each, List.of("manifest")));
      return;
    }
    for (Platform each : wanted.isEmpty() ? List.of(platform) : wanted) {
      if (!platform.satisfies(each)) {
        log.problem(
            Kind.NO_ENTRY,
            each,
            root.digest(),
            "no manifest list: %s only".formatted(platform),
            "ask the publisher for this platform or choose another image");
        log.absent(each, List.of("manifest"));
        continue;
      }
      List<String> evidence = new ArrayList<>(List.of("manifest"));
      int earlier = log.problems();
      verifyImage(each, platform, root.digest(), image, evidence);
      log.found(each, log.problems() == earlier, evidence);
    }
  }

  private void verifyPrograms(
      Platform wanted,
      Platform stated,
      Digest digest,
      ImageManifest image,
      ImageConfig config,
      List<String> evidence) {
    LayerStack files = new LayerStack(content, image.layers(), stated.os().equals("windows"));
    try {
      StartedPrograms.Judgement judgement = StartedPrograms.judge(stated, config, files);
      evidence.addAll(judgement.evidence());
      for (String mismatch : judgement.mismatches()) {
        log.problem(
            Kind.WRONG_BINARY,
            wanted,
            digest,
            mismatch,
            "ask the publisher to rebuild the image for this platform");
      }
    } catch (LayerStack.UnreadableLayer e) {
      String message = String.valueOf(e.getMessage());
      if (e.broken) {
        log.broken(wanted, e.layer, message);
      } else {
        evidence.add("not judged: " + message);
      }
    } catch (RegistryException e) {
      if (!e.code().isAbsence() && !CheckedContent.saysBroken(e.code())) {
        throw e;
      }
      log.problem(
          e.code().isAbsence() ? Kind.MISSING_CONTENT : Kind.BROKEN_CONTENT,
          wanted,
          digest,
          "a layer cannot be had: " + e.getMessage(),
          "the registry holds an incomplete image: push or mirror it again");
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(log.name(), e.getMessage()), e);
    }
  }

  private void notAnImage(@Nullable Platform wanted, Digest digest, ImageManifest image) {
    String type =
        image.artifactType() != null
            ? image.artifactType()
            : image.config() == null ? "no configuration" : image.config().mediaType().value();
    String what = type.contains("helm") ? "a Helm chart" : "an artifact";
    log.problem(
        Kind.NOT_AN_IMAGE,
        wanted,
        digest,
        "%s (%s), not an image".formatted(what, type.replaceAll("\\p{C}", "\uFFFD")),
        "list it as artifact, of which no platforms are asked");
  }
}
