package io.entrepot.render;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an object comes from.
 *
 * @param target the target's name
 * @param cluster the cluster it goes to
 * @param entry what was rendered
 * @param source what tells one application from another: the entry, or the file of an object that
 *     is judged as it stands
 * @param file the template or manifest, relative to the root; null where it cannot be told
 * @param standing whether the object was read from {@code file} itself, so that lines are its own
 * @param searched files in which its texts may be written, the likeliest first
 */
public record Origin(
    String target,
    String cluster,
    RenderEntry entry,
    String source,
    @Nullable String file,
    boolean standing,
    List<String> searched) {

  /** Copies. */
  public Origin {
    searched = List.copyOf(searched);
  }
}
