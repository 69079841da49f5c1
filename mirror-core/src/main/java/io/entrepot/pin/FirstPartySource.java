package io.entrepot.pin;

import io.entrepot.lock.LockFile;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.sites.ImagePattern;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A lock that is not expected to hold what is built here. */
public final class FirstPartySource implements PinSource {

  private final PinSource locked;
  private final List<ImagePattern> patterns;
  private final Set<Repository> copies;

  /**
   * @param locked answers for everything else
   * @param lock a copy that it made is never first party, however wide the patterns
   */
  public FirstPartySource(PinSource locked, List<ImagePattern> patterns, LockFile lock) {
    this.locked = locked;
    this.patterns = List.copyOf(patterns);
    this.copies =
        lock.images().values().stream()
            .map(image -> image.target().repository())
            .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * The patterns of {@code firstParty} in a {@code check.yaml}; none where the file or the key is
   * missing, or where the file is not readable, which {@code check} says.
   *
   * @throws IOException if the file is there and cannot be read
   */
  public static List<ImagePattern> patternsOf(Path check) throws IOException {
    List<ImagePattern> patterns = new ArrayList<>();
    if (Files.isRegularFile(check) && Files.size(check) <= YamlScanner.MAX_LENGTH) {
      try {
        for (SourceNode document : YamlScanner.scan(SourceText.decode(Files.readAllBytes(check)))) {
          for (SourceNode item : Nodes.items(document, "firstParty")) {
            if (item instanceof ScalarSite text && !text.value().isBlank()) {
              patterns.add(new ImagePattern(text.value()));
            }
          }
        }
      } catch (UnreadableYamlException e) {
        return List.of();
      }
    }
    return patterns;
  }

  @Override
  public boolean asks() {
    return locked.asks();
  }

  @Override
  public Set<ImageReference> indexedCharts() {
    return locked.indexedCharts();
  }

  @Override
  public void prepare(Collection<Reading> readings) {
    locked.prepare(readings);
  }

  @Override
  public Resolution resolve(Reading reading) {
    Resolution known = locked.resolve(reading);
    return known instanceof Resolution.Missing missing
            && missing.reason() == LeftReason.NOT_LOCKED
            && reading instanceof Reading.Image image
            && isOurs(image.reference())
        ? new Resolution.Missing(
            LeftReason.FIRST_PARTY, "it is built here (firstParty): entrepot bump pins it")
        : known;
  }

  private boolean isOurs(ImageReference image) {
    return !copies.contains(image.repository())
        && patterns.stream().anyMatch(pattern -> pattern.matches(image));
  }
}
