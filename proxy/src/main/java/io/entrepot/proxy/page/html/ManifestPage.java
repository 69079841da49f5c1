package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.ImageManifestTree;
import io.entrepot.proxy.page.ImageManifestTree.Node;
import io.entrepot.proxy.page.ImageManifestTree.Piece;
import io.entrepot.proxy.page.ImageManifestTree.Referrer;
import io.entrepot.proxy.page.LockSays;
import io.jstach.jstache.JStache;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One image. */
@JStache(path = "io/entrepot/proxy/page/html/manifest.mustache")
public record ManifestPage(Frame frame, ImageManifestTree image) {

  /** A line to copy. */
  record Line(String id, String label, String text) {}

  /**
   * A manifest of the tree.
   *
   * @param title its platform, or what else it is
   */
  record Branch(
      String title,
      String digest,
      String shortDigest,
      String mediaType,
      String bytes,
      boolean here,
      List<Leaf> content) {}

  /** A configuration or a layer. */
  record Leaf(String digest, String shortDigest, String kind, String bytes, boolean here) {}

  /** What makes statements about the image. */
  record Statement(String type, String digest, String shortDigest, String href, String bytes) {}

  List<Line> lines() {
    String name = image.name();
    String local = frame.address() + "/" + name;
    boolean byTag = image.reference().indexOf(':') < 0;
    List<Line> lines = new ArrayList<>();
    lines.add(
        new Line(
            "pull",
            "Pull",
            "docker pull " + local + (byTag ? ":" + image.reference() : "@" + image.digest())));
    lines.add(
        new Line(
            "pin", "Pin", (byTag ? name + ":" + image.reference() : name) + "@" + image.digest()));
    lines.add(new Line("pinned", "Pinned through this registry", local + "@" + image.digest()));
    LockSays lock = image.lock();
    if (lock != null) {
      lines.add(new Line("copy", "Our copy, as the lock says", lock.copy()));
    }
    return lines;
  }

  @Nullable LockSays lock() {
    return image.lock();
  }

  boolean drift() {
    LockSays lock = image.lock();
    return lock != null && !lock.digest().equals(image.digest());
  }

  @Nullable Moment seenAtSource() {
    LockSays lock = image.lock();
    return lock == null ? null : frame.moment(lock.firstSeen());
  }

  /** The manifest itself, where it is not a list, or the entries of the list. */
  List<Branch> branches() {
    Node root = image.manifest();
    return root.manifests().isEmpty()
        ? List.of(branch(root, image.platforms().isEmpty() ? null : image.platforms().getFirst()))
        : root.manifests().stream().map(node -> branch(node, node.platform())).toList();
  }

  private static Branch branch(Node node, @Nullable String platform) {
    String type = node.artifactType();
    return new Branch(
        platform != null ? platform : type != null ? type : "manifest",
        node.digest(),
        Words.digest(node.digest()),
        node.mediaType(),
        Words.bytes(node.content().stream().mapToLong(Piece::bytes).sum() + node.bytes()),
        node.here(),
        node.content().stream().map(ManifestPage::leaf).toList());
  }

  private static Leaf leaf(Piece piece) {
    return new Leaf(
        piece.digest(),
        Words.digest(piece.digest()),
        piece.mediaType(),
        Words.bytes(piece.bytes()),
        piece.here());
  }

  List<Statement> referrers() {
    return image.referrers().stream().map(this::statement).toList();
  }

  private Statement statement(Referrer referrer) {
    String type = referrer.artifactType();
    return new Statement(
        type == null ? referrer.mediaType() : type,
        referrer.digest(),
        Words.digest(referrer.digest()),
        Links.manifest(frame, image.name(), referrer.digest()),
        Words.bytes(referrer.bytes()));
  }

  String parent() {
    return Links.image(frame, image.name());
  }

  String bytes() {
    return Words.bytes(image.bytes());
  }

  @Nullable Moment firstSeen() {
    return frame.moment(image.firstSeen());
  }

  @Nullable Moment lastUsed() {
    return frame.moment(image.lastUsed());
  }
}
