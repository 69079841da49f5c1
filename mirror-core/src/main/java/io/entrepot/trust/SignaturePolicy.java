package io.entrepot.trust;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What has to vouch for an image.
 *
 * @param signers any one suffices; at least one
 * @param attestations predicate types, each of which must be stated by one of the signers; where
 *     there is one, no separate signature is asked for
 */
public record SignaturePolicy(List<Signer> signers, List<String> attestations) {

  /** Copies the lists; without a signer nothing could ever pass. */
  public SignaturePolicy {
    signers = List.copyOf(signers);
    attestations = List.copyOf(attestations);
    if (signers.isEmpty()) {
      throw new IllegalArgumentException("a signature policy needs a signer");
    }
  }

  /** The predicate types of which each must be stated by one of the signers. */
  public Set<String> types() {
    return attestations.isEmpty() ? Set.of(Statement.SIGNATURE) : Set.copyOf(attestations);
  }

  /**
   * Names exactly this demand: other keys, roots, patterns or types have another fingerprint, and a
   * key under another name has the same.
   */
  public Digest fingerprint() {
    Stream<String> accepted = signers.stream().map(SignaturePolicy::exactly).sorted();
    return Digest.of(
        Stream.concat(accepted, types().stream().sorted())
            .collect(Collectors.joining("\n"))
            .getBytes(UTF_8));
  }

  private static String exactly(Signer signer) {
    return switch (signer) {
      case Signer.OfKey key -> "key " + key.key().fingerprint();
      case Signer.Keyless keyless ->
          "keyless %s %s %s"
              .formatted(keyless.root().digest(), keyless.issuer(), keyless.identity());
      case Signer.Notation notation ->
          "notation %s %s".formatted(notation.fingerprint(), notation.subject());
    };
  }
}
