package io.entrepot.yaml;

import org.jspecify.annotations.Nullable;

/** A node of a YAML document and where it stands. */
public sealed interface SourceNode permits ScalarSite, SourceMapping, SourceSequence, SourceAlias {

  /** The text it stands in. */
  SourceText source();

  /** The offset of its first character in {@link #source()}, properties excluded. */
  int start();

  /** The anchor it carries, or null. */
  default @Nullable String anchor() {
    return null;
  }

  /** The line in the file, from 1. */
  default int line() {
    return source().fileLine(start());
  }

  /** The column in its line, from 1, in characters. */
  default int column() {
    return start() - source().startOfLine(start()) + 1;
  }
}
