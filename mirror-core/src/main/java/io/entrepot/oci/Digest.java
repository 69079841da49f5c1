package io.entrepot.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A content digest: algorithm and lower-case hex.
 *
 * <p>Grammar: OCI image-spec 1.1, descriptor.md, "Digests". Only the two registered algorithms are
 * accepted, since content that cannot be hashed here cannot be verified here.
 */
public record Digest(Algorithm algorithm, String hex) implements Comparable<Digest> {

  /** The registered algorithms. */
  public enum Algorithm {
    /** SHA-256, 64 hex digits. */
    SHA256("sha256", "SHA-256", 64),
    /** SHA-512, 128 hex digits. */
    SHA512("sha512", "SHA-512", 128);

    private final String prefix;
    private final String javaName;
    private final int hexLength;

    Algorithm(String prefix, String javaName, int hexLength) {
      this.prefix = prefix;
      this.javaName = javaName;
      this.hexLength = hexLength;
    }

    /** The name before the colon. */
    public String prefix() {
      return prefix;
    }

    /** A fresh hash function. */
    public MessageDigest newMessageDigest() {
      try {
        return MessageDigest.getInstance(javaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("this Java has no " + javaName, e);
      }
    }
  }

  /** Checks length and alphabet of {@code hex}. */
  public Digest {
    if (hex.length() != algorithm.hexLength || !isLowerHex(hex)) {
      throw new MalformedException(
          "not a digest: '%s' (%s takes %d lower-case hex digits)"
              .formatted(
                  MalformedException.printable(algorithm.prefix + ":" + hex),
                  algorithm.prefix,
                  algorithm.hexLength));
    }
  }

  /**
   * Parses {@code algorithm:hex}.
   *
   * @throws MalformedException for anything else, including upper-case hex
   */
  public static Digest parse(String text) {
    for (Algorithm algorithm : Algorithm.values()) {
      String start = algorithm.prefix + ":";
      if (text.startsWith(start)) {
        return new Digest(algorithm, text.substring(start.length()));
      }
    }
    throw new MalformedException(
        "not a digest: '%s' (expected sha256:<64 hex digits>)"
            .formatted(MalformedException.printable(text)));
  }

  /** The SHA-256 digest of {@code bytes}. */
  public static Digest of(byte[] bytes) {
    return of(Algorithm.SHA256, bytes);
  }

  /** The digest of {@code bytes}. */
  public static Digest of(Algorithm algorithm, byte[] bytes) {
    return fromHash(algorithm, algorithm.newMessageDigest().digest(bytes));
  }

  /** The digest that a finished hash function gave. */
  public static Digest fromHash(Algorithm algorithm, byte[] hash) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash));
  }

  /** The first {@code digits} hex digits, for file names and tags that people read. */
  public String shortHex(int digits) {
    return hex.substring(0, digits);
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return algorithm.prefix + ":" + hex;
  }

  private static boolean isLowerHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      if (!digit && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }
}
