package io.entrepot.store;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ObjLongConsumer;

/**
 * The content that the manifests of one repository need, with its size. Any thread asks; one at a
 * time changes.
 */
final class ChildIndex {

  private static final class Child {
    private final Digest digest;
    private volatile long size;
    private int manifests;

    Child(Digest digest) {
      this.digest = digest;
    }
  }

  private final Map<Digest, Child> children = new ConcurrentHashMap<>();

  /**
   * Enters what a manifest needs.
   *
   * @return the digests, to be given to {@link #remove}; equal ones are one object
   */
  List<Digest> add(List<Descriptor> needed) {
    List<Digest> digests = new ArrayList<>(needed.size());
    for (Descriptor each : needed) {
      Child child = children.computeIfAbsent(each.digest(), Child::new);
      child.size = each.size();
      child.manifests++;
      digests.add(child.digest);
    }
    return List.copyOf(digests);
  }

  /** Forgets what a manifest needed and no other needs. */
  void remove(List<Digest> digests) {
    for (Digest digest : digests) {
      Child child = children.get(digest);
      if (child != null && --child.manifests == 0) {
        children.remove(digest);
      }
    }
  }

  boolean contains(Digest digest) {
    return children.containsKey(digest);
  }

  /** How many bytes a manifest says content has; empty where none needs it. */
  OptionalLong size(Digest digest) {
    Child child = children.get(digest);
    return child == null ? OptionalLong.empty() : OptionalLong.of(child.size);
  }

  void forEach(ObjLongConsumer<Digest> action) {
    children.values().forEach(child -> action.accept(child.digest, child.size));
  }

  void addTo(DigestSet digests) {
    children.keySet().forEach(digests::add);
  }

  int count() {
    return children.size();
  }
}
