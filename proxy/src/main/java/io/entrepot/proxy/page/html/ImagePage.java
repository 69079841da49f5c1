package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.ImageDetails;
import io.entrepot.proxy.page.ImageDetails.TagState;
import io.entrepot.proxy.page.LockSays;
import io.jstach.jstache.JStache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A repository with its tags.
 *
 * @param nextTag after which the next part of the tags begins, or null
 */
@JStache(path = "io/entrepot/proxy/page/html/image.mustache")
public record ImagePage(Frame frame, ImageDetails image, @Nullable String nextTag, int size) {

  /**
   * A tag.
   *
   * @param mark {@code good} where the lock says the same, {@code warn} where another digest; null
   *     where no lock knows it
   */
  record Row(
      String tag,
      String href,
      String digest,
      String shortDigest,
      List<String> platforms,
      String bytes,
      @Nullable Moment firstSeen,
      @Nullable Moment lastUsed,
      @Nullable String mark,
      String locked,
      List<String> signedBy) {}

  List<Row> tags() {
    return image.tags().stream().map(this::row).toList();
  }

  private Row row(TagState tag) {
    return new Row(
        tag.tag(),
        Links.manifest(frame, image.name(), tag.tag()),
        tag.digest(),
        Words.digest(tag.digest()),
        tag.platforms(),
        Words.bytes(tag.bytes()),
        frame.moment(tag.firstSeen()),
        frame.moment(tag.lastUsed()),
        tag.lock() == null ? null : tag.drift() ? "warn" : "good",
        tag.drift() ? "the lock has another digest" : "as the lock says",
        signers(tag.lock()));
  }

  private static List<String> signers(@Nullable LockSays lock) {
    return lock == null ? List.of() : lock.signedBy();
  }

  String from() {
    String upstream = image.upstream();
    return upstream == null ? "pushed here" : "from " + upstream;
  }

  String bytes() {
    return Words.bytes(image.bytes());
  }

  String tagCount() {
    return Words.count(image.tagCount(), "tag");
  }

  String manifests() {
    return Words.count(image.manifests(), "manifest");
  }

  @Nullable String next() {
    return nextTag == null
        ? null
        : Links.next(Links.image(frame, image.name()), "n=" + size + "&", nextTag);
  }
}
