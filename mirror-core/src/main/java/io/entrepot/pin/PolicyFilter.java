package io.entrepot.pin;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Decision;
import io.entrepot.policy.Policy;
import io.entrepot.policy.ReferenceJudge;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes what sites are to become, and leaves the sites whose image the policy does not admit. */
public final class PolicyFilter {

  private record Judges(ReferenceJudge judge, Policy policy) {}

  private final Optional<Judges> judges;

  private PolicyFilter(Optional<Judges> judges) {
    this.judges = judges;
  }

  /** Without a policy everything passes. */
  public static PolicyFilter none() {
    return new PolicyFilter(Optional.empty());
  }

  /** Lets pass what a policy admits. */
  public static PolicyFilter of(ReferenceJudge judge, Policy policy) {
    return new PolicyFilter(Optional.of(new Judges(judge, policy)));
  }

  /** What a site becomes: the same, or the reason why it stays. */
  Resolution filtered(Resolution wanted) {
    return judges.isEmpty() ? wanted : filtered(wanted, judges.get());
  }

  /** The same of a site that stays: what is written there may be denied. */
  Resolution filtered(Reading written, Resolution wanted) {
    return wanted instanceof Resolution.Missing && written instanceof Reading.Image image
        ? judges
            .flatMap(each -> each.judge().denial(image.reference()))
            .<Resolution>map(refused -> refused(image.reference(), refused))
            .orElse(wanted)
        : filtered(wanted);
  }

  private static Resolution filtered(Resolution wanted, Judges judges) {
    return switch (wanted) {
      case Resolution.Pinned pinned ->
          judged(new ImageReference(pinned.repository(), pinned.tag(), pinned.digest()), judges)
              .orElse(wanted);
      case Resolution.Moved(Repository chart, Digest digest, var _) when digest != null ->
          judged(chart.at(digest), judges).orElse(wanted);
      case Resolution.Copied(var part, var digest) ->
          denied(part, judges).or(() -> denied(digest, judges)).orElse(wanted);
      case Resolution.Moved _, Resolution.Kept _, Resolution.Missing _ -> wanted;
    };
  }

  private static Optional<Resolution> judged(ImageReference image, Judges judges) {
    return switch (judges.judge().judge(image)) {
      case Decision.Admitted _ -> Optional.empty();
      case Decision.Waiting(var until) ->
          Optional.of(
              new Resolution.Missing(
                  LeftReason.WAITING,
                  "%s is too young: it waits until %s".formatted(image, until)));
      case Decision.Refused refused -> Optional.of(refused(image, refused));
      case Decision.Unjudged(var reason, var remedy) ->
          Optional.of(
              new Resolution.Missing(
                  LeftReason.NOT_JUDGED,
                  "%s could not be judged: %s; %s".formatted(image, reason, remedy)));
    };
  }

  private static Resolution refused(ImageReference image, Decision.Refused refused) {
    return new Resolution.Missing(
        LeftReason.REFUSED,
        "%s is refused (%s): %s; %s"
            .formatted(image, refused.cause().word(), refused.reason(), refused.remedy()));
  }

  /** Of a part without a repository only the digest can be judged. */
  private static Optional<Resolution> denied(@Nullable String part, Judges judges) {
    if (part == null) {
      return Optional.empty();
    }
    try {
      Digest digest = Digest.parse(part.substring(part.indexOf('@') + 1));
      return Optional.ofNullable(judges.policy().denied().get(digest))
          .map(
              reason ->
                  new Resolution.Missing(
                      LeftReason.REFUSED,
                      "%s is refused (denied): it is denied: %s".formatted(digest, reason)));
    } catch (MalformedException e) {
      // A tag: nothing of it can be denied by digest.
      return Optional.empty();
    }
  }
}
