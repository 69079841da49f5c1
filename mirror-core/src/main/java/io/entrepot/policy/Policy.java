package io.entrepot.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What may run. Pure: it asks nobody, and the same facts give the same decision.
 *
 * @param file as messages name it
 * @param minAge for repositories whose rule has none, and for those without a rule
 * @param denied digests of images, children or blobs, with the reason
 * @param admitted by digest
 */
public record Policy(
    String file,
    Duration minAge,
    List<PolicyRule> rules,
    Map<Digest, String> denied,
    Map<Digest, Admission> admitted,
    Optional<Hook> hook) {

  /** What the file is called where nobody says otherwise. */
  public static final String USUAL_NAME = "policy.yaml";

  /** Copies the collections. */
  public Policy {
    rules = List.copyOf(rules);
    denied = Collections.unmodifiableMap(new TreeMap<>(denied));
    admitted = Collections.unmodifiableMap(new TreeMap<>(admitted));
  }

  /** The rule that decides about a repository. */
  public Optional<PolicyRule> rule(Repository source) {
    return rules.stream().filter(rule -> rule.fits(source)).findFirst();
  }

  /** What has to vouch for an image of a repository. */
  public Optional<SignaturePolicy> signatures(Repository source) {
    return rule(source)
        .map(PolicyRule::demand)
        .flatMap(
            demand ->
                demand instanceof Demand.SignedBy(SignaturePolicy signatures)
                    ? Optional.of(signatures)
                    : Optional.empty());
  }

  /** Whether manifests or signatures of a repository's images have to be looked at. */
  boolean looksInside(Repository source) {
    return !denied.isEmpty() || signatures(source).isPresent();
  }

  /** How long after its first sight an image of a repository may run. */
  public Duration minAge(Repository source) {
    return rule(source).flatMap(PolicyRule::minAge).orElse(minAge);
  }

  /**
   * A fingerprint of the denied digests, by which a lock file says for which of them an image was
   * looked through; empty where none is denied.
   */
  public Optional<Digest> deniedFingerprint() {
    return denied.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Digest.of(
                denied.keySet().stream()
                    .map(Digest::toString)
                    .collect(Collectors.joining("\n"))
                    .getBytes(UTF_8)));
  }

  /** Whether anything is asked of the images of a repository, save that they are not denied. */
  public boolean asks(Repository source) {
    return !minAge(source).isZero()
        || rule(source).filter(rule -> !(rule.demand() instanceof Demand.Nothing)).isPresent();
  }

  /**
   * Whether a digest, or something in it, is denied, wherever it comes from.
   *
   * @param contents what it leads to, as far as that is known
   */
  public Optional<Decision.Refused> denial(Digest digest, Collection<Digest> contents) {
    String itself = denied.get(digest);
    if (itself != null) {
      return Optional.of(denied("it is denied: " + itself));
    }
    return contents.stream()
        .filter(denied::containsKey)
        .sorted()
        .findFirst()
        .map(
            inside ->
                denied("it holds %s, which is denied: %s".formatted(inside, denied.get(inside))));
  }

  /** Whether a digest may run although it is too young or unsigned. */
  public boolean admits(Digest digest, Instant now) {
    Admission admission = admitted.get(digest);
    return admission != null && admission.counts(now);
  }

  /**
   * Decides about one digest.
   *
   * @param source where the image comes from; of a copy, the repository that it is a copy of
   * @param now the moment of judgement
   */
  public Decision judge(Repository source, Digest digest, Facts facts, Instant now) {
    Optional<Decision> denial = denial(source, digest, facts);
    if (denial.isPresent()) {
      return denial.get();
    }
    if (admits(digest, now)) {
      return new Decision.Admitted(List.of());
    }
    Decision signed =
        signatures(source)
            .map(signatures -> signed(source, facts))
            .orElseGet(() -> new Decision.Admitted(List.of()));
    return signed instanceof Decision.Admitted ? aged(source, signed, facts, now) : signed;
  }

  /** Decides about an image whose digest nobody knows: what holds for its repository as a whole. */
  Decision judgeUnnamed(Repository source) {
    if (rule(source).map(PolicyRule::demand).orElse(null) instanceof Demand.Denied(String reason)) {
      return denied("its repository is denied: " + reason);
    }
    return denied.isEmpty() && minAge(source).isZero() && signatures(source).isEmpty()
        ? new Decision.Admitted(List.of())
        : new Decision.Unjudged(
            "no digest is known that could be judged", "pin it by digest: entrepot pin");
  }

  private Optional<Decision> denial(Repository source, Digest digest, Facts facts) {
    if (rule(source).map(PolicyRule::demand).orElse(null) instanceof Demand.Denied(String reason)) {
      return Optional.of(denied("its repository is denied: " + reason));
    }
    Optional<Set<Digest>> contents = facts.contents();
    Optional<Decision> found = denial(digest, contents.orElse(Set.of())).map(Decision.class::cast);
    return found.isPresent() || contents.isPresent() || denied.isEmpty()
        ? found
        : Optional.of(
            new Decision.Unjudged(
                "what is in it is not known, and %s denies digests".formatted(file),
                "let it be looked at where its registry can be asked"));
  }

  private Decision.Refused denied(String reason) {
    return new Decision.Refused(
        Decision.Cause.DENIED,
        reason,
        "take another digest; %s says what is denied, and no `admit:` undoes it".formatted(file));
  }

  private Decision signed(Repository source, Facts facts) {
    if (facts.signatures().isEmpty()) {
      return new Decision.Unjudged(
          "its signatures are not known", "let them be verified where its registry can be asked");
    }
    String rule = rule(source).map(found -> found.position().toString()).orElse(file);
    return switch (facts.signatures().get()) {
      case Verdict.Verified(var evidence) -> new Decision.Admitted(evidence);
      case Verdict.Unsigned _ ->
          new Decision.Refused(
              Decision.Cause.UNSIGNED,
              "nobody has signed it",
              "sign it, or waive that in %s with `unsigned:` and a reason".formatted(rule));
      case Verdict.WrongSigner(var found) ->
          new Decision.Refused(
              Decision.Cause.WRONG_SIGNER,
              "it is signed by nobody who is accepted, but by " + String.join(", ", found),
              "compare with `signedBy:` in " + rule);
      case Verdict.Invalid(var reasons) ->
          new Decision.Refused(
              Decision.Cause.WRONG_SIGNER,
              "its signature does not hold: " + String.join("; ", reasons),
              "do not run it before its maker has said what happened");
      case Verdict.AttestationMissing(var missing, var reasons) ->
          new Decision.Refused(
              Decision.Cause.ATTESTATION_MISSING,
              "nobody who is accepted states "
                  + String.join(", ", missing)
                  + (reasons.isEmpty() ? "" : " (" + String.join("; ", reasons) + ")"),
              "compare with `attestations:` in " + rule);
      case Verdict.Unjudged(var reasons) ->
          new Decision.Unjudged(
              "its signatures could not be read: " + String.join("; ", reasons),
              "run again when its registry answers");
    };
  }

  private Decision aged(Repository source, Decision otherwise, Facts facts, Instant now) {
    Duration wanted = minAge(source);
    if (wanted.isZero()) {
      return otherwise;
    }
    if (facts.firstSeen().isEmpty()) {
      return new Decision.Unjudged(
          "nobody knows when it was first seen, and %s asks for an age of %s"
              .formatted(file, words(wanted)),
          "admit the digest with `admit:`, or ask for no age");
    }
    Instant until = facts.firstSeen().get().plus(wanted);
    return now.isBefore(until) ? new Decision.Waiting(until) : otherwise;
  }

  private static String words(Duration age) {
    return age.toMinutes() % 60 == 0 ? age.toHours() + " h" : age.toMinutes() + " min";
  }
}
