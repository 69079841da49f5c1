package io.entrepot.mirror;

import java.util.List;

/**
 * What a mirror file asks for, with all defaults filled in.
 *
 * @param entries in the file's order, which is also the order in which a pull budget is spent
 */
public record MirrorSpec(List<MirrorEntry> entries) {

  /** Copies the list. */
  public MirrorSpec {
    entries = List.copyOf(entries);
  }
}
