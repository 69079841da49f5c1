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
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.verify.Problem.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whether the platforms an image is required for are really there.
 *
 * <p>What can be said of the image becomes a {@link Problem}; a registry that could not be asked
 * (quota, network, permission) is a {@link RegistryException}, since it says nothing of the image.
 */
public final class PlatformVerifier {

  private static final int MAX_DEPTH = 4;
  private static final int MAX_ENTRIES = 4096;
  private static final int MAX_UNNAMED = 64;

  private final ImageReference name;
  private final ImageContent content;
  private final Requirement requirement;
  private final List<PlatformFinding> findings = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private PlatformVerifier(ImageReference name, ImageContent content, Requirement requirement) {
    this.name = name;
    this.content = content;
    this.requirement = requirement;
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
    PlatformVerifier verifier = new PlatformVerifier(name, content, requirement);
    verifier.run(root);
    return new Verification(
        name, root.digest(), verifier.findings, verifier.problems, verifier.notes);
  }

  /** An index entry, with the platform it is for; null where the entry does not say. */
  private record Entry(Descriptor descriptor, @Nullable Platform platform) {}

  private void run(RawManifest root) {
    Manifest manifest;
    try {
      manifest = root.parse();
    } catch (MalformedException e) {
      problem(
          Kind.BROKEN_CONTENT,
          null,
          root.digest(),
          String.valueOf(e.getMessage()),
          "ask the publisher to push it again");
      requirement.platforms().forEach(platform -> absent(platform, List.of()));
      return;
    }
    if (requirement.artifact()) {
      return;
    }
    switch (manifest) {
      case Index index -> verifyIndex(root, index);
      case ImageManifest image -> verifySingle(root, image);
    }
  }

  private void verifyIndex(RawManifest root, Index index) {
    List<Entry> entries = new ArrayList<>();
    collect(index, 1, entries);
    reportDoubles(entries);
    List<Platform> wanted =
        requirement.platforms().isEmpty()
            ? entries.stream().map(Entry::platform).filter(Objects::nonNull).distinct().toList()
            : requirement.platforms();
    if (wanted.isEmpty() && problems.isEmpty()) {
      problem(
          Kind.NO_ENTRY,
          null,
          root.digest(),
          "the list names no image for any platform",
          "if this is an artifact and no image, list it as artifact");
    }
    List<PlatformVerifier> each =
        Parallel.map(wanted, platform -> verifyPlatform(root, entries, platform));
    for (PlatformVerifier one : each) {
      findings.addAll(one.findings);
      problems.addAll(one.problems);
      notes.addAll(one.notes);
    }
  }

  /** What is found of one platform: all of them are asked for at once. */
  private PlatformVerifier verifyPlatform(
      RawManifest root, List<Entry> entries, Platform platform) {
    PlatformVerifier one = new PlatformVerifier(name, content, requirement);
    Optional<Entry> entry = choose(entries, platform);
    if (entry.isPresent()) {
      one.verifyEntry(platform, entry.get());
    } else {
      one.problem(
          Kind.NO_ENTRY,
          platform,
          root.digest(),
          "no entry in the manifest list; it has " + listed(entries),
          "ask the publisher for this platform, choose another image, or waive the platform with"
              + " a reason");
      one.absent(platform, List.of());
    }
    return one;
  }

  /** Flattens nested lists and finds out the platform of entries that do not state it. */
  private void collect(Index index, int depth, List<Entry> entries) {
    for (Descriptor child : index.images()) {
      if (entries.size() >= MAX_ENTRIES) {
        tooLarge("more than %d entries".formatted(MAX_ENTRIES));
        return;
      }
      if (child.mediaType().isIndex()) {
        if (depth >= MAX_DEPTH) {
          tooLarge("lists within lists, more than %d deep".formatted(MAX_DEPTH));
          return;
        }
        if (child(child, child.platform()) instanceof Index nested) {
          collect(nested, depth + 1, entries);
        }
      } else if (child.platform() != null) {
        entries.add(new Entry(child, child.platform()));
      } else if (child.mediaType().isImageManifest() && child.artifactType() == null) {
        entries.add(new Entry(child, platformByConfig(child, entries)));
      }
    }
  }

  private @Nullable Platform platformByConfig(Descriptor child, List<Entry> entries) {
    if (entries.stream().filter(entry -> entry.descriptor().platform() == null).count()
        >= MAX_UNNAMED) {
      tooLarge("more than %d entries without a platform".formatted(MAX_UNNAMED));
      return null;
    }
    if (!(child(child, null) instanceof ImageManifest image) || !isImage(image)) {
      return null;
    }
    Platform platform = platformOf(image, null);
    if (platform != null) {
      notes.add(
          "the entry %s states no platform; its configuration says %s"
              .formatted(child.digest(), platform));
    }
    return platform;
  }

  private void reportDoubles(List<Entry> entries) {
    entries.stream()
        .filter(entry -> entry.platform() != null)
        .collect(
            Collectors.groupingBy(
                entry -> Objects.requireNonNull(entry.platform()),
                TreeMap::new,
                Collectors.toList()))
        .forEach(this::reportDouble);
  }

  private void reportDouble(Platform platform, List<Entry> same) {
    if (same.size() < 2) {
      return;
    }
    List<Digest> digests =
        same.stream().map(entry -> entry.descriptor().digest()).distinct().toList();
    if (digests.size() == 1) {
      notes.add("%d equal entries for %s: %s".formatted(same.size(), platform, digests.getFirst()));
      return;
    }
    String message =
        "%d different entries: %s"
            .formatted(
                digests.size(),
                digests.stream().map(Digest::toString).collect(Collectors.joining(", ")));
    boolean asked =
        requirement.platforms().isEmpty()
            || requirement.platforms().stream().anyMatch(platform::satisfies);
    if (asked) {
      problem(
          Kind.DOUBLE_ENTRY,
          platform,
          null,
          message,
          "which one runs depends on the client; ask the publisher to drop the wrong one");
    } else {
      notes.add(platform + ": " + message);
    }
  }

  /** The same platform first, else the newest variant that the wanted platform can run. */
  private static Optional<Entry> choose(List<Entry> entries, Platform wanted) {
    Optional<Entry> same =
        entries.stream().filter(entry -> wanted.equals(entry.platform())).findFirst();
    if (same.isPresent()) {
      return same;
    }
    return entries.stream()
        .filter(entry -> entry.platform() != null && entry.platform().satisfies(wanted))
        .max(
            (a, b) ->
                Objects.requireNonNull(a.platform())
                    .compareTo(Objects.requireNonNull(b.platform())));
  }

  private void verifyEntry(Platform wanted, Entry entry) {
    Platform stated = Objects.requireNonNull(entry.platform());
    List<String> evidence = new ArrayList<>();
    if (entry.descriptor().platform() != null) {
      evidence.add(stated.toString().equals(wanted.toString()) ? "entry" : "entry for " + stated);
    }
    int before = problems.size();
    if (child(entry.descriptor(), wanted) instanceof ImageManifest image) {
      evidence.add("manifest");
      verifyImage(wanted, stated, entry.descriptor().digest(), image, evidence);
    } else if (problems.size() == before) {
      problem(
          Kind.BROKEN_CONTENT,
          wanted,
          entry.descriptor().digest(),
          "the entry says it is an image manifest, but it is a list",
          "ask the publisher to push it again");
    }
    findings.add(new PlatformFinding(wanted, problems.size() == before, evidence));
  }

  private void verifyImage(
      Platform wanted, Platform stated, Digest digest, ImageManifest image, List<String> evidence) {
    if (!isImage(image)) {
      notAnImage(wanted, digest, image);
      return;
    }
    Descriptor descriptor = Objects.requireNonNull(image.config());
    byte[] bytes = configBytes(descriptor, wanted);
    ImageConfig config = bytes == null ? null : parsed(bytes, descriptor, wanted);
    if (bytes == null || config == null) {
      return;
    }
    Platform configured = config.platform();
    if (configured == null) {
      problem(
          Kind.PLATFORM_DISAGREES,
          wanted,
          descriptor.digest(),
          "the configuration names no platform, the entry says " + stated,
          "ask the publisher to build the image with its platform");
      return;
    }
    if (!agree(stated, configured, bytes)) {
      problem(
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
    if (!isImage(image)) {
      notAnImage(null, root.digest(), image);
      requirement.platforms().forEach(platform -> absent(platform, List.of()));
      return;
    }
    int before = problems.size();
    Platform platform = platformOf(image, null);
    List<Platform> wanted = requirement.platforms();
    if (problems.size() > before) {
      wanted.forEach(each -> absent(each, List.of()));
      return;
    }
    if (!requirement.singleAllowed()) {
      problem(
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
              findings.add(new PlatformFinding(each, true, List.of("manifest", "config")));
            } else {
              absent(each, List.of());
            }
          });
      return;
    }
    if (platform == null) {
      problem(
          Kind.PLATFORM_DISAGREES,
          null,
          root.digest(),
          "the configuration names no platform",
          "ask the publisher to build the image with its platform");
      wanted.forEach(each -> absent(each, List.of("manifest")));
      return;
    }
    for (Platform each : wanted.isEmpty() ? List.of(platform) : wanted) {
      if (!platform.satisfies(each)) {
        problem(
            Kind.NO_ENTRY,
            each,
            root.digest(),
            "no manifest list: %s only".formatted(platform),
            "ask the publisher for this platform or choose another image");
        absent(each, List.of("manifest"));
        continue;
      }
      List<String> evidence = new ArrayList<>(List.of("manifest"));
      int earlier = problems.size();
      verifyImage(each, platform, root.digest(), image, evidence);
      findings.add(new PlatformFinding(each, problems.size() == earlier, evidence));
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
        problem(
            Kind.WRONG_BINARY,
            wanted,
            digest,
            mismatch,
            "ask the publisher to rebuild the image for this platform");
      }
    } catch (LayerStack.UnreadableLayer e) {
      String message = String.valueOf(e.getMessage());
      if (e.broken) {
        broken(wanted, e.layer, message);
      } else {
        evidence.add("not judged: " + message);
      }
    } catch (RegistryException e) {
      if (!e.code().isAbsence() && !saysBroken(e.code())) {
        throw e;
      }
      problem(
          e.code().isAbsence() ? Kind.MISSING_CONTENT : Kind.BROKEN_CONTENT,
          wanted,
          digest,
          "a layer cannot be had: " + e.getMessage(),
          "the registry holds an incomplete image: push or mirror it again");
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private @Nullable Platform platformOf(ImageManifest image, @Nullable Platform wanted) {
    Descriptor descriptor = Objects.requireNonNull(image.config());
    byte[] bytes = configBytes(descriptor, wanted);
    ImageConfig config = bytes == null ? null : parsed(bytes, descriptor, wanted);
    return config == null ? null : config.platform();
  }

  private byte @Nullable [] configBytes(Descriptor descriptor, @Nullable Platform wanted) {
    if (descriptor.size() > ImageConfig.MAX_BYTES) {
      problem(
          Kind.TOO_LARGE,
          wanted,
          descriptor.digest(),
          "a configuration of %d bytes; at most %d are read"
              .formatted(descriptor.size(), ImageConfig.MAX_BYTES),
          "no real image has one of this size; do not use it");
      return null;
    }
    byte[] bytes =
        fetched(
            "configuration",
            descriptor,
            wanted,
            () -> content.blob(descriptor, ImageConfig.MAX_BYTES));
    if (bytes == null || !sizeAgrees("configuration", descriptor, bytes.length, wanted)) {
      return null;
    }
    return bytes;
  }

  private @Nullable ImageConfig parsed(
      byte[] bytes, Descriptor descriptor, @Nullable Platform wanted) {
    try {
      return ImageConfig.parse(bytes);
    } catch (MalformedException e) {
      broken(wanted, descriptor, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Fetches a child and compares it with its descriptor; null after a problem was recorded. */
  private @Nullable Manifest child(Descriptor descriptor, @Nullable Platform wanted) {
    RawManifest raw = fetched("manifest", descriptor, wanted, () -> content.manifest(descriptor));
    if (raw == null) {
      return null;
    }
    if (!raw.digest().equals(descriptor.digest())) {
      broken(wanted, descriptor, "the bytes have the digest " + raw.digest());
      return null;
    }
    if (!sizeAgrees("manifest", descriptor, raw.size(), wanted)) {
      return null;
    }
    if (!raw.mediaType().equals(descriptor.mediaType())
        && !raw.mediaType().equals(MediaType.OCTET_STREAM)) {
      broken(
          wanted,
          descriptor,
          "served as %s, the entry says %s".formatted(raw.mediaType(), descriptor.mediaType()));
      return null;
    }
    try {
      return raw.parse();
    } catch (MalformedException e) {
      broken(wanted, descriptor, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private boolean sizeAgrees(
      String what, Descriptor descriptor, long size, @Nullable Platform wanted) {
    if (size == descriptor.size()) {
      return true;
    }
    broken(
        wanted,
        descriptor,
        "the %s has %d bytes, its descriptor says %d".formatted(what, size, descriptor.size()));
    return false;
  }

  private <T> @Nullable T fetched(
      String what, Descriptor descriptor, @Nullable Platform wanted, Supplier<T> fetch) {
    try {
      return fetch.get();
    } catch (MalformedException e) {
      broken(wanted, descriptor, String.valueOf(e.getMessage()));
      return null;
    } catch (RegistryException e) {
      if (e.code().isAbsence()) {
        problem(
            Kind.MISSING_CONTENT,
            wanted,
            descriptor.digest(),
            "the %s is named, but not there".formatted(what),
            "the registry holds an incomplete image: push or mirror it again");
        return null;
      }
      if (saysBroken(e.code())) {
        broken(wanted, descriptor, String.valueOf(e.getMessage()));
        return null;
      }
      throw e;
    }
  }

  private static boolean saysBroken(ErrorCode code) {
    return switch (code) {
      case CORRUPT, DIGEST_INVALID, SIZE_INVALID, MANIFEST_INVALID -> true;
      default -> false;
    };
  }

  private static boolean isImage(ImageManifest image) {
    return image.config() != null && image.config().mediaType().isImageConfig();
  }

  private void notAnImage(@Nullable Platform wanted, Digest digest, ImageManifest image) {
    String type =
        image.artifactType() != null
            ? image.artifactType()
            : image.config() == null ? "no configuration" : image.config().mediaType().value();
    String what = type.contains("helm") ? "a Helm chart" : "an artifact";
    problem(
        Kind.NOT_AN_IMAGE,
        wanted,
        digest,
        "%s (%s), not an image".formatted(what, type.replaceAll("\\p{C}", "\uFFFD")),
        "list it as artifact, of which no platforms are asked");
  }

  private static String listed(List<Entry> entries) {
    String platforms =
        entries.stream()
            .map(Entry::platform)
            .filter(Objects::nonNull)
            .distinct()
            .sorted()
            .limit(20)
            .map(Platform::toString)
            .collect(Collectors.joining(", "));
    return platforms.isEmpty() ? "none" : platforms;
  }

  private void tooLarge(String what) {
    problem(Kind.TOO_LARGE, null, null, what, "no real image is made so; do not use it");
  }

  private void broken(@Nullable Platform wanted, Descriptor descriptor, String message) {
    problem(
        Kind.BROKEN_CONTENT,
        wanted,
        descriptor.digest(),
        message,
        "ask the publisher to push it again");
  }

  private void absent(Platform platform, List<String> evidence) {
    findings.add(new PlatformFinding(platform, false, evidence));
  }

  private void problem(
      Kind kind,
      @Nullable Platform platform,
      @Nullable Digest digest,
      String message,
      String remedy) {
    problems.add(new Problem(kind, name, platform, digest, message, remedy));
  }
}
