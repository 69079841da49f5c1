package io.entrepot.sites;

import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceAlias;
import io.entrepot.yaml.TextEdit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of a scalar that says one thing about an image.
 *
 * @param scalar the scalar, where it is defined
 * @param from offset in the scalar's value
 * @param to offset after the last character
 * @param alias the alias through which a site uses the scalar, or null where it uses it directly
 */
public record Segment(ScalarSite scalar, int from, int to, @Nullable SourceAlias alias) {

  public static Segment whole(ScalarSite scalar) {
    return new Segment(scalar, 0, scalar.value().length(), null);
  }

  public static Segment whole(ScalarSite scalar, @Nullable SourceAlias alias) {
    return new Segment(scalar, 0, scalar.value().length(), alias);
  }

  public static Segment part(ScalarSite scalar, int from, int to) {
    return new Segment(scalar, from, to, null);
  }

  /** The text as it means. */
  public String text() {
    boolean nothing = from == 0 && to == scalar.value().length() && scalar.isEmpty();
    return nothing ? "" : scalar.value().substring(from, to).strip();
  }

  public boolean isEmpty() {
    boolean whole = from == 0 && to == scalar.value().length();
    return (whole && scalar.isEmpty()) || scalar.value().substring(from, to).isBlank();
  }

  /** The line in the file, from 1. */
  public int line() {
    return scalar.lineOf(from);
  }

  /** The line on which it stands, as far as it may hold a comment of another program. */
  public String marker() {
    boolean block =
        scalar.style() == ScalarSite.Style.LITERAL || scalar.style() == ScalarSite.Style.FOLDED;
    return block ? "" : scalar.source().lineOf(scalar.start());
  }

  public Optional<TextEdit> write(String replacement) {
    return scalar.writePart(from, to, replacement);
  }
}
