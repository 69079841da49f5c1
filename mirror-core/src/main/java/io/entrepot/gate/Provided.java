package io.entrepot.gate;

import io.entrepot.text.FilePosition;
import io.entrepot.text.Glob;
import org.jspecify.annotations.Nullable;

/**
 * Objects that something outside of the tree makes, as {@code provided:} declares them.
 *
 * @param name a pattern; {@code *} stands for any characters
 * @param namespace a pattern, or null for any namespace and for none
 * @param position where it is written
 */
public record Provided(
    String kind, Glob name, @Nullable Glob namespace, String reason, FilePosition position) {

  boolean covers(String wantedKind, @Nullable String wantedNamespace, String wantedName) {
    return kind.equals(wantedKind)
        && name.matches(wantedName)
        && (namespace == null || namespace.matches(wantedNamespace == null ? "" : wantedNamespace));
  }
}
