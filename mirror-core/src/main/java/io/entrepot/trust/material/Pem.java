package io.entrepot.trust.material;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Blocks of PEM (RFC 7468). */
public final class Pem {

  private Pem() {}

  /**
   * The contents of all blocks with a label, such as {@code CERTIFICATE}.
   *
   * @throws BrokenSignatureException for a block that does not end or is no base64
   */
  public static List<Bytes> blocks(String text, String label) {
    String begin = "-----BEGIN " + label + "-----";
    String end = "-----END " + label + "-----";
    List<Bytes> blocks = new ArrayList<>();
    int from = text.indexOf(begin);
    while (from >= 0) {
      int to = text.indexOf(end, from);
      if (to < 0) {
        throw new BrokenSignatureException("a PEM block of a " + label + " does not end");
      }
      String body = text.substring(from + begin.length(), to);
      try {
        blocks.add(Bytes.of(Base64.getMimeDecoder().decode(body.getBytes(US_ASCII))));
      } catch (IllegalArgumentException e) {
        throw new BrokenSignatureException("a PEM block of a " + label + " is no base64", e);
      }
      from = text.indexOf(begin, to);
    }
    return blocks;
  }
}
