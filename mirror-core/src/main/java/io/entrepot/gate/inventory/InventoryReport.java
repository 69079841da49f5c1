package io.entrepot.gate.inventory;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.pods.RunningContainer;
import io.entrepot.text.FilePosition;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Every image once.
 *
 * @param images sorted by reference
 * @param unjudged what could not be told, each with its reason
 * @param notes what could not be read
 */
public record InventoryReport(List<Image> images, List<Unjudged> unjudged, List<String> notes) {

  /**
   * An image.
   *
   * @param reference by tag where there is one, else by digest
   * @param digest what git pins, else what the lock holds, else what runs; null where none is known
   *     or several are
   * @param git where the tree names it
   * @param mirrored whether the lock holds it, as a source or as a copy
   */
  public record Image(
      ImageReference reference,
      @Nullable Digest digest,
      Set<State> states,
      List<FilePosition> git,
      List<RunningContainer> running,
      boolean mirrored) {

    /** Copies. */
    public Image {
      states = Collections.unmodifiableSet(new TreeSet<>(states));
      git = List.copyOf(git);
      running = List.copyOf(running);
    }
  }

  /**
   * Something that could not be told.
   *
   * @param reference the image; or what of the tree could not be read, so that its images are not
   *     known
   */
  public record Unjudged(String reference, String reason) {}

  /** Copies. */
  public InventoryReport {
    images = List.copyOf(images);
    unjudged = List.copyOf(unjudged);
    notes = List.copyOf(notes);
  }

  /** Whether some image is remarkable. */
  public boolean findsAnything() {
    return images.stream().anyMatch(image -> !image.states().isEmpty());
  }
}
