package io.entrepot.trust.keyless;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.StrictJson;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A log's signed word on its size and root: a "signed note" with origin, size and root hash as its
 * first lines (transparency-dev, "Log Checkpoints").
 *
 * @param text what is signed, with its last line end
 */
record Checkpoint(
    String text, String origin, long treeSize, Bytes rootHash, List<NoteSignature> signatures) {

  private static final Pattern SIZE = Pattern.compile("0|[1-9][0-9]{0,17}");
  private static final String SIGNATURE = "— ";
  private static final int MAX_SIGNATURES = 64;
  private static final int HINT_BYTES = 4;

  /** A line with a signature: who, the first four bytes of the key's id, the signature. */
  record NoteSignature(String name, Bytes hint, Bytes signature) {}

  Checkpoint {
    signatures = List.copyOf(signatures);
  }

  static Checkpoint of(String note) {
    int gap = note.indexOf("\n\n");
    if (gap < 0) {
      throw new BrokenSignatureException("the checkpoint has no signature");
    }
    String text = note.substring(0, gap + 1);
    List<String> lines = text.lines().toList();
    if (lines.size() < 3 || !SIZE.matcher(lines.get(1)).matches()) {
      throw new BrokenSignatureException("the checkpoint does not say size and root of its log");
    }
    return new Checkpoint(
        text,
        lines.getFirst(),
        Long.parseLong(lines.get(1)),
        StrictJson.base64(lines.get(2), "the checkpoint's root"),
        signatures(note.substring(gap + 2)));
  }

  /**
   * Requires the log's own signature, and that the checkpoint is about that log.
   *
   * @throws BrokenSignatureException otherwise
   */
  void requireSignedBy(TrustedRoot.Log log) {
    boolean own =
        log.host().isEmpty()
            || origin.equals(log.host())
            || origin.startsWith(log.host() + " - ")
            || origin.equals(withoutPort(log.host()));
    if (!own) {
      throw new BrokenSignatureException(
          "the checkpoint is of the log '%s', not of '%s'".formatted(origin, log.host()));
    }
    Bytes signed = Bytes.of(text.getBytes(UTF_8));
    Bytes hint = log.keyId().part(0, HINT_BYTES);
    for (NoteSignature each : signatures) {
      if (each.hint.equals(hint) && log.key().fits(signed, each.signature)) {
        return;
      }
    }
    throw new BrokenSignatureException("the log has not signed its checkpoint");
  }

  private static List<NoteSignature> signatures(String lines) {
    List<NoteSignature> signatures = new ArrayList<>();
    for (String line : lines.lines().toList()) {
      int space = line.lastIndexOf(' ');
      if (!line.startsWith(SIGNATURE) || space <= SIGNATURE.length()) {
        throw new BrokenSignatureException("the checkpoint has a line that is no signature");
      }
      Bytes bytes = StrictJson.base64(line.substring(space + 1), "a signature of the checkpoint");
      if (bytes.length() <= HINT_BYTES || signatures.size() >= MAX_SIGNATURES) {
        throw new BrokenSignatureException("the checkpoint's signatures cannot be read");
      }
      signatures.add(
          new NoteSignature(
              line.substring(SIGNATURE.length(), space),
              bytes.part(0, HINT_BYTES),
              bytes.part(HINT_BYTES, bytes.length())));
    }
    return signatures;
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > 0 && !host.endsWith("]") ? host.substring(0, colon) : host;
  }
}
