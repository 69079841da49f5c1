package io.entrepot.yaml;

/** A node of a YAML document and where it stands. */
public sealed interface SourceNode permits ScalarSite, SourceMapping, SourceSequence, SourceAlias {

  /** The text it stands in. */
  SourceText source();

  /** The offset of its first character in {@link #source()}, properties excluded. */
  int start();

  /** The line in the file, from 1. */
  default int line() {
    return source().fileLine(start());
  }
}
