package io.entrepot.trust;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RegistryClient;
import java.time.Clock;

/**
 * Judges whether an image is vouched for as a policy demands. Fetches what hangs on the image and
 * believes nothing but what a signer's key, or a chain of proofs from a trusted root, has signed.
 *
 * <p>Blocks while it asks the registry; for virtual threads. Safe for many at once.
 */
public final class SignatureVerifier {

  private final AttachedSource source;
  private final Clock clock;

  /**
   * @param clock the moment of judgement, which only signatures that expire depend on
   */
  public SignatureVerifier(RegistryClient client, Clock clock) {
    this(AttachedSource.of(client), clock);
  }

  /** The same, where what is attached is read in another way. */
  public SignatureVerifier(AttachedSource source, Clock clock) {
    this.source = source;
    this.clock = clock;
  }

  /**
   * The verdict on one digest. An index is judged by its own signature: its children follow from it
   * by their descriptors.
   *
   * @param repository where the image lies, and what hangs on it
   * @param image type, digest and size of the signed manifest
   */
  public Verdict judge(Repository repository, Descriptor image, SignaturePolicy policy) {
    Judgement judgement = new Judgement(policy, image, clock.instant());
    boolean notary =
        policy.signers().stream().anyMatch(signer -> signer instanceof Signer.Notation);
    new AttachedReader(source, repository, image, judgement)
        .read(
            new AttachedReader.Wanted(
                policy.attestations().isEmpty(),
                policy.attestations(),
                notary && policy.attestations().isEmpty()));
    return judgement.verdict();
  }
}
