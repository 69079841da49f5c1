package io.entrepot.cli.output;

import io.entrepot.lock.LockedSignature;
import io.entrepot.lock.LockedSigner;
import io.entrepot.mirror.Drift;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorPlan;
import io.entrepot.mirror.MirrorStep;
import io.entrepot.mirror.PlannedImage;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a run would do ({@code mirror --dry-run}, {@code --check}). */
public final class PlanOutput {

  private PlanOutput() {}

  /** For people: each image, what would be done, what it costs, and the sums. */
  public static List<String> lines(MirrorPlan plan, boolean everyStep) {
    List<String> lines = new ArrayList<>();
    for (PlannedImage image : plan.images()) {
      lines.add("%-10s %s".formatted(word(image), image.source()));
      lines.add("        to %s".formatted(image.target()));
      if (!image.policy().artifact()) {
        lines.add(
            "           must have %s%s"
                .formatted(
                    image.policy().platforms().stream()
                        .map(Platform::toString)
                        .collect(Collectors.joining(", ")),
                    image.policy().waiver() == null
                        ? ""
                        : " (waived: %s)".formatted(image.policy().waiver())));
      }
      lines.add("           " + action(image));
      if (everyStep) {
        image.steps().forEach(step -> lines.add("           - " + step(step)));
      }
      image.notes().forEach(note -> lines.add("           " + note));
      if (image.remedy() != null) {
        lines.add("           " + image.remedy());
      }
    }
    lines.add("");
    lines.add(summary(plan));
    plan.quotas()
        .forEach(
            (registry, quota) ->
                lines.add(
                    "%s: %s planned, %d left in the quota, %d of them kept for others%s"
                        .formatted(
                            registry,
                            Amounts.count(quota.planned(), "counted pull"),
                            quota.remaining(),
                            quota.keep(),
                            quota.planned() > quota.available()
                                ? "; the rest waits for the next run"
                                : "")));
    return lines;
  }

  /** For people: what is not as the last run left it, with a line for what stays all the same. */
  public static List<String> changes(MirrorPlan plan) {
    List<String> lines = new ArrayList<>();
    for (PlannedImage image : plan.changes()) {
      lines.add("%s -> %s".formatted(image.source(), image.target()));
      lines.add("  " + action(image));
      image.notes().forEach(note -> lines.add("  " + note));
    }
    plan.images().stream()
        .filter(image -> image.drift() == Drift.QUIET)
        .forEach(image -> lines.add(quietLine(image)));
    return lines;
  }

  private static String quietLine(PlannedImage image) {
    return "%s -> %s: quiet: %s"
        .formatted(image.source(), image.target(), String.join("; ", image.notes()));
  }

  /** The plan as the JSON document of {@code --output json} and {@code --report}. */
  public static ObjectNode json(MirrorPlan plan) {
    ObjectNode root = Json.object();
    ArrayNode images = root.putArray("images");
    for (PlannedImage image : plan.images()) {
      ObjectNode node = images.addObject();
      node.put("source", image.source().toString());
      node.put("target", image.target().toString());
      node.put("where", image.where());
      node.put("action", image.verdict().name().toLowerCase(Locale.ROOT));
      node.put("outcome", outcome(image).word());
      node.put("drift", image.drift() == null ? null : image.drift().word());
      node.put("digest", text(image.digest()));
      node.put("sourceDigest", text(image.atSource()));
      node.put("former", text(image.former()));
      node.put("locked", text(image.locked()));
      node.set("platforms", Json.texts(image.policy().platforms()));
      node.putObject("bytes")
          .put("copied", image.cost().bytes())
          .put("mounted", 0)
          .put("skipped", 0);
      node.put("bytesKnown", image.cost().bytesKnown());
      node.put("pulls", image.cost().pulls());
      node.put("error", image.reason().isEmpty() ? null : image.reason());
      node.set("notes", Json.texts(image.notes()));
    }
    root.put("bytes", plan.bytes());
    ObjectNode pulls = root.putObject("pulls");
    plan.quotas()
        .forEach(
            (registry, quota) ->
                pulls
                    .putObject(registry.value())
                    .put("planned", quota.planned())
                    .put("remaining", quota.remaining())
                    .put("keep", quota.keep()));
    return root;
  }

  /** What a run of the plan would come to. */
  private static Outcome outcome(PlannedImage image) {
    if (image.waits()) {
      return Outcome.WAITING;
    }
    return switch (image.verdict()) {
      case UNCHANGED, CONFIRM -> Outcome.UNCHANGED;
      case COPY -> Outcome.COPIED;
      case WAIT -> Outcome.WAITING;
      case REFUSE -> Outcome.REFUSED;
      case FAIL -> Outcome.FAILED;
      case POSTPONE -> Outcome.POSTPONED;
    };
  }

  private static String action(PlannedImage image) {
    if (image.waits()) {
      return image.digest() == null
          ? "waits: nothing is old enough yet"
          : "waits: what the source has is too young; locked is " + image.digest();
    }
    return switch (image.verdict()) {
      case UNCHANGED -> "is there already, complete by the lock: " + text(image.digest());
      case CONFIRM -> "is there already; all of it is looked at once: " + text(image.digest());
      case COPY -> movement(image) + cost(image.cost());
      case WAIT, REFUSE, FAIL, POSTPONE -> image.reason();
    };
  }

  private static String movement(PlannedImage image) {
    String digest = text(image.digest());
    Digest former = image.former();
    if (former == null) {
      return image.locked() == null
          ? "is new at the target: " + digest
          : "is gone from the target and comes back: %s".formatted(digest);
    }
    if (former.equals(image.digest())) {
      return "is copied again: " + digest;
    }
    return "moves from %s to %s".formatted(former, digest)
        + (image.policy().retain()
            ? " (the former stays as %s_%s)".formatted(image.target().tag(), former.shortHex(12))
            : "");
  }

  private static String cost(PlannedImage.Cost cost) {
    String bytes =
        cost.bytes() == 0 && !cost.bytesKnown()
            ? "size not known yet"
            : (cost.bytesKnown() ? "" : "at least ") + Amounts.bytes(cost.bytes());
    String pulls =
        cost.pulls() == 0
            ? ""
            : ", "
                + (cost.pullsKnown() ? "" : "about ")
                + Amounts.count(cost.pulls(), "counted pull");
    return "; " + bytes + pulls;
  }

  private static String step(MirrorStep step) {
    return switch (step) {
      case MirrorStep.ReadManifests read ->
          "read %s, about %s; what it holds is known then"
              .formatted(read.root().digest(), Amounts.count(read.pulls(), "counted pull"));
      case MirrorStep.RequirePlatforms require ->
          require.platforms().isEmpty()
              ? "of no platform"
              : "really there: "
                  + require.platforms().stream()
                      .map(Platform::toString)
                      .collect(Collectors.joining(", "));
      case MirrorStep.RequireAdmission admission ->
          admission.signedBy().isEmpty()
              ? "admitted by the policy"
              : "admitted by the policy, and vouched for: "
                  + admission.signedBy().values().stream()
                      .flatMap(List::stream)
                      .map(PlanOutput::signer)
                      .distinct()
                      .collect(Collectors.joining(", "));
      case MirrorStep.VerifyEvidence verify ->
          "read and verify the signatures of "
              + verify.sources().stream()
                  .map(ImageReference::toString)
                  .collect(Collectors.joining(", "));
      case MirrorStep.AskHook ask -> "ask the hook about " + ask.reference();
      case MirrorStep.CopyBlob copy ->
          "copy blob %s, %s".formatted(copy.blob().digest(), Amounts.bytes(copy.blob().size()));
      case MirrorStep.MountBlob mount ->
          "take blob %s over from %s".formatted(mount.blob().digest(), mount.from());
      case MirrorStep.AwaitBlob await ->
          "blob %s comes with another image".formatted(await.blob().digest());
      case MirrorStep.BlobThere there -> "there already: " + there.blob().digest();
      case MirrorStep.KeepForeign foreign ->
          "stays with its publisher: " + foreign.layer().digest();
      case MirrorStep.CopyManifest copy -> "copy manifest " + copy.manifest().digest();
      case MirrorStep.ManifestThere there -> "there already: " + there.manifest().digest();
      case MirrorStep.FindReferrers find -> "look for what refers to " + find.subject();
      case MirrorStep.CopyReferrer referrer ->
          "copy %s, which refers to %s".formatted(referrer.name(), referrer.subject());
      case MirrorStep.ListReferrers list ->
          "list %s of %s"
              .formatted(Amounts.count(list.referrers().size(), "referrer"), list.subject());
      case MirrorStep.PutList list -> "copy list %s as %s".formatted(list.list(), list.tag());
      case MirrorStep.MergeList merge ->
          "add %s to %s"
              .formatted(Amounts.count(merge.referrers().size(), "referrer"), merge.tag());
      case MirrorStep.RetainTag retain -> "keep %s as %s".formatted(retain.digest(), retain.tag());
      case MirrorStep.PutTag put -> "tag %s as %s, last".formatted(put.digest(), put.target());
      case MirrorStep.Confirm confirm ->
          "ask whether all of %s is at %s".formatted(confirm.digest(), confirm.target());
    };
  }

  private static String summary(MirrorPlan plan) {
    Map<PlannedImage.Verdict, Integer> counts = new EnumMap<>(PlannedImage.Verdict.class);
    plan.images()
        .forEach(
            image ->
                counts.merge(
                    image.waits() ? PlannedImage.Verdict.WAIT : image.verdict(), 1, Integer::sum));
    String parts =
        counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + word(entry.getKey()))
            .collect(Collectors.joining(", "));
    return "%s: %s; %s%s to transfer, %s"
        .formatted(
            Amounts.count(plan.images().size(), "image"),
            parts.isEmpty() ? "nothing to do" : parts,
            plan.bytesKnown() ? "" : "at least ",
            Amounts.bytes(plan.bytes()),
            Amounts.count(plan.pulls(), "counted pull"));
  }

  private static String signer(LockedSignature signature) {
    return switch (signature.signer()) {
      case LockedSigner.OfKey(var name, var _) -> name;
      case LockedSigner.Keyless(var identity, var _) -> identity;
      case LockedSigner.Notation(var subject, var _) -> subject;
    };
  }

  private static String word(PlannedImage image) {
    return image.waits() ? "waits" : word(image.verdict());
  }

  private static String word(PlannedImage.Verdict verdict) {
    return switch (verdict) {
      case UNCHANGED -> "unchanged";
      case CONFIRM -> "look at";
      case COPY -> "copy";
      case WAIT -> "waits";
      case REFUSE -> "refused";
      case FAIL -> "failed";
      case POSTPONE -> "postponed";
    };
  }

  private static @Nullable String text(@Nullable Digest digest) {
    return digest == null ? null : digest.toString();
  }
}
