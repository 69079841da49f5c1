package io.entrepot.pin;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the images of one environment become by a promotion; one image may become several. */
final class PromotedImages {

  /** A repository that stands elsewhere: rendered images have it. */
  private static final String ANY = "any.invalid/name";

  /** A tag or a digest, or both, that becomes another. */
  private record Part(ImageReference old, Digest digest) {
    boolean isOf(ImageReference image) {
      return old.digest() != null
          ? old.digest().equals(image.digest())
          : image.digest() == null && String.valueOf(old.tag()).equals(String.valueOf(image.tag()));
    }
  }

  private final Map<String, List<Resolution>> whole = new HashMap<>();
  private final List<Part> parts = new ArrayList<>();

  /** Notes what a site becomes. */
  void add(ImageSite site, Resolution resolution) {
    switch (resolution) {
      case Resolution.Pinned _, Resolution.Moved _ ->
          whole.computeIfAbsent(site.reading().toString(), _ -> new ArrayList<>()).add(resolution);
      case Resolution.Copied copied -> {
        String beside = site.digest() == null ? null : site.digest().text();
        Optional<ImageReference> old = image(site.name().text(), beside);
        Optional<Digest> digest =
            image(copied.part(), copied.digest())
                .flatMap(each -> Optional.ofNullable(each.digest()));
        if (old.isPresent() && digest.isPresent()) {
          parts.add(new Part(old.get(), digest.get()));
        }
      }
      case Resolution.Kept _, Resolution.Missing _ -> {}
    }
  }

  private static Optional<ImageReference> image(String part, @Nullable String digest) {
    String separator = part.startsWith(Digest.Algorithm.SHA256.prefix() + ":") ? "@" : ":";
    String beside = digest == null || digest.isEmpty() ? "" : "@" + digest;
    return ImageWords.reference(ANY + separator + part + beside);
  }

  /** What an image or chart may become. */
  List<Resolution> of(Reading before) {
    List<Resolution> found = new ArrayList<>(whole.getOrDefault(before.toString(), List.of()));
    if (before instanceof Reading.Image image) {
      for (Part part : parts) {
        if (part.isOf(image.reference())) {
          found.add(new Resolution.Pinned(image.reference().repository(), null, part.digest(), ""));
        }
      }
    }
    return found;
  }
}
