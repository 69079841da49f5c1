package io.entrepot.registry;

import java.util.Locale;

/** What a request is about; its name in the counts of requests. */
enum Kind {
  MANIFEST(ErrorCode.MANIFEST_UNKNOWN, true),
  BLOB(ErrorCode.BLOB_UNKNOWN, true),
  UPLOAD(ErrorCode.BLOB_UPLOAD_UNKNOWN, false),
  TAGS(ErrorCode.NAME_UNKNOWN, true),
  /** GHCR has answered with a redirect to a web page: that is no API. */
  REFERRERS(ErrorCode.MANIFEST_UNKNOWN, false),
  /** A file of a chart repository, which says where it lies. */
  FILE(ErrorCode.NAME_UNKNOWN, true),
  /** A realm is trusted itself; whatever it points to is not. */
  TOKEN(ErrorCode.UNKNOWN, false),
  /** What is no registry: whoever asks reads the answer. */
  API(ErrorCode.UNKNOWN, false);

  private final ErrorCode absence;
  private final boolean redirected;

  Kind(ErrorCode absence, boolean redirected) {
    this.absence = absence;
    this.redirected = redirected;
  }

  /** What a 404 means where the registry does not say. */
  ErrorCode absence() {
    return absence;
  }

  /** Whether a redirect of a GET or HEAD is followed. */
  boolean redirected() {
    return redirected;
  }

  /** The lower-case name. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
