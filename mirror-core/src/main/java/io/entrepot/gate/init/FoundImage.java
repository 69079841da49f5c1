package io.entrepot.gate.init;

import io.entrepot.oci.ImageReference;
import io.entrepot.text.FilePosition;
import java.util.Set;
import java.util.TreeSet;

/** An image that the tree or a cluster names, and where. */
final class FoundImage {

  private final ImageReference reference;
  private final Set<FilePosition> places = new TreeSet<>();
  private final Set<String> pods = new TreeSet<>();

  FoundImage(ImageReference reference) {
    this.reference = reference;
  }

  ImageReference reference() {
    return reference;
  }

  void at(FilePosition place) {
    places.add(place);
  }

  /** Notes a pod, by cluster, namespace and name. */
  void in(String pod) {
    pods.add(pod);
  }

  /** The first place and the number of the others; empty where none is known. */
  String where() {
    int more = Math.max(0, places.size() + pods.size() - 1);
    String first =
        !places.isEmpty()
            ? places.iterator().next().toString()
            : pods.isEmpty() ? "" : "pod " + pods.iterator().next();
    return first.isEmpty() || more == 0 ? first : "%s and %d more".formatted(first, more);
  }
}
