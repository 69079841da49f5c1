package io.entrepot.mirror;

import io.entrepot.lock.Denial;
import io.entrepot.mirror.compose.Composed;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One image of a plan.
 *
 * @param number position in the plan, from 0
 * @param where file and line of its entry
 * @param origin what is to be copied; null where that could not be found out
 * @param source canonically, by tag or by digest; of an assembled list, its first part
 * @param target always with a tag
 * @param former what the target's tag means now, or null where there is none
 * @param locked what the lock says the target's tag means, or null where it says nothing
 * @param verdict what is to be done
 * @param reason why, for {@link Verdict#REFUSE}, {@link Verdict#FAIL} and {@link Verdict#POSTPONE};
 *     else empty
 * @param remedy what a person can do, or null
 * @param steps all of them in a detailed plan, otherwise empty
 * @param findings what planning found at the source beside that
 */
public record PlannedImage(
    int number,
    String where,
    @Nullable Origin origin,
    ImageReference source,
    ImageReference target,
    CopyPolicy policy,
    @Nullable Digest former,
    @Nullable Digest locked,
    Verdict verdict,
    String reason,
    @Nullable String remedy,
    List<MirrorStep> steps,
    Cost cost,
    SourceFindings findings) {

  /** What is to be done. */
  public enum Verdict {
    /** Source and target agree, and the lock vouches that all of it is there. */
    UNCHANGED,
    /** Source and target agree; nobody vouches that all of it is there, so it is looked at. */
    CONFIRM,
    /** To be copied. */
    COPY,
    /** Nothing is locked, and nothing is old enough yet. */
    WAIT,
    /** Must not be copied: it is not what is required. */
    REFUSE,
    /** Cannot be planned. */
    FAIL,
    /** There are not enough pulls left; later. */
    POSTPONE
  }

  /** What is to be copied, pinned: a tag that moves meanwhile changes nothing. */
  public sealed interface Origin {

    /** The digest which the target's tag will mean. */
    Digest digest();
  }

  /** One manifest or list of one repository. */
  public record Pinned(ImageReference reference, Descriptor root) implements Origin {
    @Override
    public Digest digest() {
      return root.digest();
    }
  }

  /**
   * A list made here.
   *
   * @param parts where each platform comes from, pinned
   * @param index the list's bytes
   */
  public record Assembled(SortedMap<Platform, Part> parts, RawManifest index) implements Origin {

    /** Copies the map. */
    public Assembled {
      parts = Collections.unmodifiableSortedMap(new TreeMap<>(parts));
    }

    @Override
    public Digest digest() {
      return index.digest();
    }
  }

  /**
   * An image that is composed here.
   *
   * @param base where its lower layers lie
   * @param roots what each of its sources means, by its name in the lock
   * @param recipe what it is besides its sources
   * @param contents what its sources were found to hold: manifests, configurations and layers, also
   *     those of which only files are taken
   */
  public record Made(
      Repository base,
      SortedMap<ImageReference, Descriptor> roots,
      Digest recipe,
      Composed image,
      Set<Digest> contents)
      implements Origin {

    /** Copies the collections. */
    public Made {
      roots = Collections.unmodifiableSortedMap(new TreeMap<>(roots));
      contents = Set.copyOf(contents);
    }

    @Override
    public Digest digest() {
      return image.index().digest();
    }
  }

  /**
   * One part of an assembled list.
   *
   * @param reference as the entry names it
   * @param root what the reference means; a manifest, or a list that holds it
   * @param entry the manifest itself, with its platform
   */
  public record Part(ImageReference reference, Descriptor root, Descriptor entry) {

    /** Of what the reference means. */
    public Digest digest() {
      return root.digest();
    }
  }

  /**
   * What it costs.
   *
   * @param bytes to be read at the source, as far as known
   * @param bytesKnown whether that is all
   * @param pulls counted by the source's registry; 0 where it counts none
   * @param pullsKnown false for an estimate
   */
  public record Cost(long bytes, boolean bytesKnown, int pulls, boolean pullsKnown) {

    /** Free. */
    public static final Cost NONE = new Cost(0, true, 0, true);
  }

  /** Whether no source has it as it is. */
  boolean isMadeHere() {
    return origin instanceof Assembled || origin instanceof Made;
  }

  /** Copies the collections. */
  public PlannedImage {
    steps = List.copyOf(steps);
  }

  /** Whether nothing is done because what the source has now is too young. */
  public boolean waits() {
    return switch (verdict) {
      case WAIT -> true;
      case UNCHANGED, CONFIRM -> ages().values().stream().anyMatch(AgeChoice::isHeldBack);
      case COPY, REFUSE, FAIL, POSTPONE -> false;
    };
  }

  /** What a person should know of ages and of what is passed over. */
  public List<String> notes() {
    Stream<String> ofAges =
        ages().values().stream().flatMap(age -> age.notes().stream()).distinct();
    return Stream.concat(ofAges, Stream.ofNullable(findings.passedOver()).map(this::quietly))
        .toList();
  }

  private String quietly(Digest now) {
    return "the source has %s now, which is the same for %s; nothing moves"
        .formatted(
            now,
            policy.platforms().stream().map(Platform::toString).collect(Collectors.joining(", ")));
  }

  private PlannedImage with(SourceFindings others) {
    return new PlannedImage(
        number, where, origin, source, target, policy, former, locked, verdict, reason, remedy,
        steps, cost, others);
  }

  PlannedImage aged(Map<ImageReference, AgeChoice> known) {
    return with(findings.aged(known));
  }

  PlannedImage denied(Optional<Denial> why) {
    return with(findings.denied(why));
  }

  /** The same, of a source that answers that there is no such image. */
  PlannedImage missing() {
    return with(findings.missing());
  }

  /** The same, left as it is although the source's name means another digest. */
  PlannedImage passingOver(Digest now) {
    return with(findings.passingOver(now));
  }

  /** The same, where planning had to end. */
  PlannedImage stopped(Stopped why) {
    return with(
            why.outcome() == ImageResult.Outcome.REFUSED ? Verdict.REFUSE : Verdict.POSTPONE,
            why.reason(),
            why.remedy())
        .denied(why.denial());
  }

  /** By source, where a policy was asked: which digest is old enough. */
  SortedMap<ImageReference, AgeChoice> ages() {
    return findings.ages();
  }

  /** What the policy denies, where that is why it is refused. */
  Optional<Denial> denial() {
    return findings.denial();
  }

  /** How the source differs from what the last run left, or null. */
  public @Nullable Drift drift() {
    if (findings.gone()) {
      return Drift.GONE;
    }
    if (waits()) {
      return Drift.WAITING;
    }
    if (findings.passedOver() != null) {
      return Drift.QUIET;
    }
    Digest before = locked != null ? locked : former;
    Digest now = digest();
    return before == null || now == null || before.equals(now) ? null : Drift.MOVED;
  }

  /** What the source's name means now, or null where that was not asked or not found out. */
  public @Nullable Digest atSource() {
    if (findings.passedOver() != null) {
      return findings.passedOver();
    }
    AgeChoice age = ages().get(source);
    return age != null ? age.atSource() : digest();
  }

  PlannedImage from(Origin known) {
    return new PlannedImage(
        number, where, known, source, target, policy, former, locked, verdict, reason, remedy,
        steps, cost, findings);
  }

  /** The digest which the target's tag will mean, or null where that is not known. */
  public @Nullable Digest digest() {
    return origin != null ? origin.digest() : verdict == Verdict.UNCHANGED ? former : null;
  }

  PlannedImage with(Verdict changed, String why, @Nullable String whatToDo) {
    return new PlannedImage(
        number, where, origin, source, target, policy, former, locked, changed, why, whatToDo,
        steps, cost, findings);
  }

  PlannedImage with(List<MirrorStep> known, Cost price) {
    return new PlannedImage(
        number, where, origin, source, target, policy, former, locked, verdict, reason, remedy,
        known, price, findings);
  }

  PlannedImage numbered(int position) {
    return new PlannedImage(
        position, where, origin, source, target, policy, former, locked, verdict, reason, remedy,
        steps, cost, findings);
  }
}
