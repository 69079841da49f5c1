package io.entrepot.registry;

import java.util.Locale;

/**
 * What went wrong, in the words of the distribution specification 1.1 ("Error Codes") and a few of
 * our own for what no registry says.
 */
public enum ErrorCode {
  /** Blob not known. */
  BLOB_UNKNOWN(404),
  /** Upload session broken. */
  BLOB_UPLOAD_INVALID(404),
  /** Upload session not known. */
  BLOB_UPLOAD_UNKNOWN(404),
  /** The bytes do not have the digest. */
  DIGEST_INVALID(400),
  /** A manifest names content that is not there. */
  MANIFEST_BLOB_UNKNOWN(400),
  /** Not a manifest that can be taken. */
  MANIFEST_INVALID(400),
  /** Manifest or tag not known. */
  MANIFEST_UNKNOWN(404),
  /** Not a repository's name. */
  NAME_INVALID(400),
  /** Repository not known. */
  NAME_UNKNOWN(404),
  /** The length is not the stated one. */
  SIZE_INVALID(400),
  /** Not a tag. */
  TAG_INVALID(400),
  /** A range that cannot be served. */
  RANGE_INVALID(416),
  /** Page size not acceptable. */
  PAGINATION_NUMBER_INVALID(400),
  /** Who are you? */
  UNAUTHORIZED(401),
  /** Not you. */
  DENIED(403),
  /** Not offered. */
  UNSUPPORTED(405),
  /** Too fast: wait and come again. */
  TOOMANYREQUESTS(429),
  /** The quota of pulls is used up until its window moves on; waiting a minute does not help. */
  PULL_LIMIT(429),
  /** The registry is in trouble. */
  UNAVAILABLE(503),
  /** No connection: name resolution, refused, reset, TLS. */
  UNREACHABLE(502),
  /** Connected, but no answer in time. */
  TIMEOUT(504),
  /** What came is not what was asked for: digest, length or type differ. */
  CORRUPT(502),
  /**
   * Not done here on purpose: a redirect, token realm or address that must not get a credential.
   */
  REFUSED(502),
  /** Anything else. */
  UNKNOWN(500);

  private final int status;

  ErrorCode(int status) {
    this.status = status;
  }

  /** The status with which a server of ours answers. */
  public int status() {
    return status;
  }

  /** Whether the content is certainly not there. */
  public boolean isAbsence() {
    return this == BLOB_UNKNOWN || this == MANIFEST_UNKNOWN || this == NAME_UNKNOWN;
  }

  /** The code a registry wrote, or {@link #UNKNOWN}. */
  static ErrorCode parse(String code) {
    try {
      return valueOf(code.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return UNKNOWN;
    }
  }
}
