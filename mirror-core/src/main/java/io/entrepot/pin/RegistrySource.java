package io.entrepot.pin;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.sites.ChartVersion;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Digests as the registries have them now, asked by HEAD, many at a time; names stay as they are.
 * Waits: not for an event loop.
 */
public final class RegistrySource implements PinSource {

  private static final int AT_ONCE = 16;

  private final RegistryClient client;
  private final @Nullable PinSource first;
  private final Map<Reading, Resolution> known = new ConcurrentHashMap<>();

  /**
   * @param first asked before any registry, or null
   */
  public RegistrySource(RegistryClient client, @Nullable PinSource first) {
    this.client = client;
    this.first = first;
  }

  @Override
  public boolean asks() {
    return true;
  }

  @Override
  public void prepare(Collection<Reading> readings) {
    Parallel.map(new LinkedHashSet<>(readings), new Semaphore(AT_ONCE), this::resolve);
  }

  @Override
  public Resolution resolve(Reading reading) {
    Resolution resolution = known.get(reading);
    if (resolution == null) {
      resolution = ask(reading);
      known.put(reading, resolution);
    }
    return resolution;
  }

  private Resolution ask(Reading reading) {
    if (first != null) {
      Resolution held = first.resolve(reading);
      if (!(held instanceof Resolution.Missing)) {
        return held;
      }
    }
    try {
      return switch (reading) {
        case Reading.Image image -> image(image.reference());
        case Reading.Chart chart -> chart(chart);
        case Reading.ChartRegistry registry ->
            new Resolution.Missing(LeftReason.NOT_WRITABLE, registry.problem());
        case Reading.Unclear unclear -> new Resolution.Missing(unclear.reason(), unclear.message());
      };
    } catch (RegistryException e) {
      return failed(e);
    }
  }

  /** What a registry's failure leaves, with what a person can do about it. */
  static Resolution.Missing failed(RegistryException failure) {
    String remedy = failure.remedy();
    return new Resolution.Missing(
        failure.isLimit() ? LeftReason.POSTPONED : LeftReason.UNRESOLVED,
        failure.getMessage() + (remedy == null ? "" : "; " + remedy));
  }

  private static Resolution.Missing absent(ImageReference reference) {
    return new Resolution.Missing(
        LeftReason.UNRESOLVED,
        "%s does not exist in its registry; look at what there is: entrepot tags %s"
            .formatted(reference, reference.repository()));
  }

  private Resolution image(ImageReference written) {
    Digest pinned = written.digest();
    Repository repository = written.repository();
    if (written.tag() == null && pinned != null) {
      return byDigestAlone(repository, pinned);
    }
    Tag tag = written.tag() == null ? Tag.LATEST : written.tag();
    ImageReference tagged = repository.tagged(tag);
    Optional<Descriptor> found = client.find(tagged).await();
    if (found.isEmpty()) {
      return absent(tagged);
    }
    Descriptor list = found.get();
    if (!list.mediaType().isIndex()) {
      return new Resolution.Missing(
          LeftReason.UNRESOLVED,
          "%s is the manifest of one platform, not a list of several; no digest of it runs elsewhere"
              .formatted(tagged));
    }
    String note = "";
    if (pinned != null && !pinned.equals(list.digest())) {
      String platform = platformOf(repository, list.digest(), pinned);
      note =
          platform == null
              ? "the tag moved on from sha256:%s…".formatted(pinned.shortHex(12))
              : "was the digest of %s only".formatted(platform);
    }
    return new Resolution.Pinned(repository, tag, list.digest(), note);
  }

  private Resolution byDigestAlone(Repository repository, Digest pinned) {
    Optional<Descriptor> found = client.find(repository.at(pinned)).await();
    if (found.isEmpty()) {
      return absent(repository.at(pinned));
    }
    return found.get().mediaType().isIndex()
        ? new Resolution.Pinned(repository, null, pinned, "")
        : new Resolution.Missing(
            LeftReason.UNRESOLVED,
            "the digest is of one platform only, and no tag says which list it belongs to");
  }

  private @Nullable String platformOf(Repository repository, Digest list, Digest child) {
    try {
      if (!(client.fetchManifest(repository.at(list)).await().parse() instanceof Index index)) {
        return null;
      }
      return index.children().stream()
          .filter(entry -> entry.digest().equals(child))
          .map(entry -> entry.platform() == null ? "one platform" : entry.platform().toString())
          .collect(
              Collectors.collectingAndThen(
                  Collectors.toList(), found -> found.isEmpty() ? null : found.getFirst()));
    } catch (MalformedException e) {
      return null;
    }
  }

  private Resolution chart(Reading.Chart chart) {
    String version = chart.version();
    Digest pinned = chart.digest();
    if (version == null && pinned != null) {
      ImageReference held = chart.repository().at(pinned);
      return client.find(held).await().isPresent()
          ? new Resolution.Moved(chart.repository(), pinned, null)
          : absent(held);
    }
    if (version == null || ChartVersion.isRange(version)) {
      return new Resolution.Moved(
          chart.repository(),
          chart.digest(),
          version == null
              ? "no version: which chart is installed stays open"
              : "'%s' is a range of versions: no digest pins it".formatted(version));
    }
    ImageReference tagged;
    try {
      tagged = chart.repository().tagged(new Tag(version.replace('+', '_')));
    } catch (MalformedException e) {
      return new Resolution.Missing(LeftReason.NOT_A_REFERENCE, String.valueOf(e.getMessage()));
    }
    Optional<Descriptor> found = client.find(tagged).await();
    return found
        .<Resolution>map(
            descriptor -> new Resolution.Moved(chart.repository(), descriptor.digest(), null))
        .orElseGet(() -> absent(tagged));
  }
}
