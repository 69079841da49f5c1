package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.mirror.BlobSender.Order;
import io.entrepot.mirror.ImageTree.Node;
import io.entrepot.mirror.MirrorListener.Phase;
import io.entrepot.mirror.MirrorStep.AskHook;
import io.entrepot.mirror.MirrorStep.AwaitBlob;
import io.entrepot.mirror.MirrorStep.BlobThere;
import io.entrepot.mirror.MirrorStep.Confirm;
import io.entrepot.mirror.MirrorStep.CopyBlob;
import io.entrepot.mirror.MirrorStep.CopyManifest;
import io.entrepot.mirror.MirrorStep.CopyReferrer;
import io.entrepot.mirror.MirrorStep.FindReferrers;
import io.entrepot.mirror.MirrorStep.KeepForeign;
import io.entrepot.mirror.MirrorStep.ListReferrers;
import io.entrepot.mirror.MirrorStep.ManifestThere;
import io.entrepot.mirror.MirrorStep.MergeList;
import io.entrepot.mirror.MirrorStep.MountBlob;
import io.entrepot.mirror.MirrorStep.OfBlob;
import io.entrepot.mirror.MirrorStep.PutList;
import io.entrepot.mirror.MirrorStep.PutTag;
import io.entrepot.mirror.MirrorStep.ReadManifests;
import io.entrepot.mirror.MirrorStep.RequireAdmission;
import io.entrepot.mirror.MirrorStep.RequirePlatforms;
import io.entrepot.mirror.MirrorStep.RetainTag;
import io.entrepot.mirror.MirrorStep.VerifyEvidence;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Hook;
import io.entrepot.registry.BlobPush.Outcome;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** Runs the steps of one image and nothing else, and counts what moved. */
final class StepRunner {

  private final MirrorSession session;
  private final ImageWork work;
  private final StepPlanner planner;
  private final PlannedImage image;
  private final MirrorListener listener;
  private final LongAdder copied = new LongAdder();
  private final LongAdder mounted = new LongAdder();
  private final LongAdder skipped = new LongAdder();
  private volatile List<Platform> platforms = List.of();
  private volatile PolicyFindings findings = PolicyFindings.NONE;
  private volatile boolean moved;
  private volatile boolean incomplete;

  StepRunner(MirrorSession session, ImageWork work, StepPlanner planner, MirrorListener listener) {
    this.session = session;
    this.work = work;
    this.planner = planner;
    this.image = work.image();
    this.listener = listener;
  }

  /** Whether anything was brought to the target. */
  boolean moved() {
    return moved;
  }

  /** Whether the target was found to lack what its tag promises, so that no lock may vouch. */
  boolean incomplete() {
    return incomplete;
  }

  /** Found to be there. */
  List<Platform> platforms() {
    return platforms;
  }

  /** What was found out for the policy. */
  PolicyFindings findings() {
    return findings;
  }

  ImageResult.Bytes bytes() {
    return new ImageResult.Bytes(copied.sum(), mounted.sum(), skipped.sum());
  }

  /** Runs steps that were planned for the image. */
  void run(List<MirrorStep> steps) {
    run(steps, work.tree());
  }

  /**
   * @param tree the manifests that the steps are about
   */
  private void run(List<MirrorStep> steps, ImageTree tree) {
    listener.planned(image, steps);
    long bytes = 0;
    for (MirrorStep step : steps) {
      bytes += step instanceof OfBlob blob ? blob.blob().size() : 0;
    }
    listener.expected(image, bytes);
    for (int at = 0; at < steps.size(); ) {
      int end = at + 1;
      while (end < steps.size() && together(steps.get(at), steps.get(end))) {
        end++;
      }
      Parallel.map(
          steps.subList(at, end),
          step -> {
            run(step, tree);
            return step;
          });
      at = end;
    }
  }

  /** Blobs need nothing of each other, and neither do manifests that are no lists. */
  private static boolean together(MirrorStep first, MirrorStep second) {
    return (first instanceof OfBlob && second instanceof OfBlob)
        || (isLeaf(first) && isLeaf(second));
  }

  private static boolean isLeaf(MirrorStep step) {
    return step instanceof ManifestThere || (step instanceof CopyManifest copy && !copy.list());
  }

  private void run(MirrorStep step, ImageTree tree) {
    if (tree.equals(work.tree())) {
      listener.phase(image, phase(step));
    }
    switch (step) {
      case ReadManifests read -> {
        reading("read manifests", tree, read.root());
        run(planner.after(read), tree);
      }
      case RequirePlatforms require -> {
        platforms = require.platforms();
        require.notes().forEach(work::note);
      }
      case RequireAdmission admission ->
          findings =
              new PolicyFindings(
                  true, admission.fingerprint(), admission.signedBy(), Optional.empty());
      case VerifyEvidence verify -> run(planner.after(verify), tree);
      case AskHook ask -> HookRun.ask(hook(), ask);
      case BlobThere there -> skip(there.blob());
      case CopyBlob copy -> bring(copy.blob(), order(tree, copy.blob(), copy.from(), false));
      case MountBlob mount -> mount(tree, mount);
      case AwaitBlob await -> {
        if (work.blobs().await(await.blob().digest())) {
          skip(await.blob());
        } else {
          run(List.of(planner.instead(tree, await.blob())), tree);
        }
      }
      case KeepForeign foreign -> {}
      case CopyManifest copy ->
          put(work.target().at(copy.manifest().digest()), tree.raw(copy.manifest().digest()));
      case ManifestThere there -> {}
      case FindReferrers find -> run(planner.after(find), tree);
      case CopyReferrer copy -> attach(copy);
      case ListReferrers list -> run(planner.after(list, listsReferrers(list.subject())), tree);
      case PutList list -> put(list.tag(), work.list(list.list()));
      case MergeList merge -> merge(merge);
      case RetainTag retain -> retain(retain);
      case PutTag put -> put(put.target(), tree.raw(put.digest()));
      case Confirm confirm -> confirm(confirm, tree);
    }
    listener.ran(image, step);
  }

  private Hook hook() {
    return session.options().policy().flatMap(run -> run.policy().hook()).orElseThrow();
  }

  private static Phase phase(MirrorStep step) {
    return switch (step) {
      case ReadManifests read -> Phase.READING;
      case RequirePlatforms require -> Phase.VERIFYING;
      case RequireAdmission admission -> Phase.VERIFYING;
      case VerifyEvidence verify -> Phase.VERIFYING;
      case AskHook ask -> Phase.PUBLISHING;
      case OfBlob blob -> Phase.COPYING;
      case KeepForeign foreign -> Phase.COPYING;
      case CopyManifest copy -> Phase.COPYING;
      case ManifestThere there -> Phase.COPYING;
      case FindReferrers find -> Phase.REFERRERS;
      case CopyReferrer copy -> Phase.REFERRERS;
      case ListReferrers list -> Phase.REFERRERS;
      case PutList list -> Phase.REFERRERS;
      case MergeList merge -> Phase.REFERRERS;
      case RetainTag retain -> Phase.PUBLISHING;
      case PutTag put -> Phase.PUBLISHING;
      case Confirm confirm -> Phase.CONFIRMING;
    };
  }

  private void reading(String what, ImageTree tree, Descriptor root) {
    MirrorException.at(
        Side.SOURCE,
        image.source(),
        what,
        () -> {
          tree.read(root);
          return tree;
        });
  }

  // Blobs

  private void skip(Descriptor blob) {
    skipped.add(blob.size());
    listener.transferred(image, blob.size());
  }

  private void mount(ImageTree tree, MountBlob mount) {
    Descriptor blob = mount.blob();
    Order order = order(tree, blob, mount.from(), true);
    if (work.blobs().owes(blob.digest())) {
      bring(blob, order);
    } else if (work.blobs().await(blob.digest())) {
      count(blob, session.blobs().takeOver(order));
    } else {
      run(List.of(planner.instead(tree, blob)), tree);
    }
  }

  private void bring(Descriptor blob, Order order) {
    try {
      count(blob, session.blobs().send(order));
      work.blobs().arrived(blob.digest());
    } finally {
      work.blobs().failed(blob.digest());
    }
  }

  private Order order(ImageTree tree, Descriptor blob, Repository from, boolean withinRegistry) {
    byte[] made = work.made(blob.digest());
    return new Order(
        image.source(),
        blob,
        from,
        withinRegistry,
        work.target(),
        made == null ? tree.config(blob.digest()) : Buffer.buffer(made),
        bytes -> listener.transferred(image, bytes));
  }

  private void count(Descriptor blob, Outcome outcome) {
    switch (outcome) {
      case PRESENT -> skip(blob);
      case MOUNTED -> {
        mounted.add(blob.size());
        moved = true;
        listener.transferred(image, blob.size());
      }
      case UPLOADED -> {
        copied.add(blob.size());
        moved = true;
      }
    }
  }

  // Manifests and tags

  private void put(ImageReference name, RawManifest manifest) {
    atTarget("put manifest " + name, () -> session.target().pushManifest(name, manifest).await());
    moved = true;
  }

  private void retain(RetainTag retain) {
    ImageReference former = work.target().at(retain.digest());
    Optional<RawManifest> manifest =
        atTarget(
            "read former " + retain.digest(), () -> session.target().findManifest(former).await());
    if (manifest.isPresent()) {
      put(retain.tag(), manifest.get());
    } else {
      work.note("the former digest %s is not at the target any more".formatted(retain.digest()));
    }
  }

  // Attachments

  private void attach(CopyReferrer copy) {
    ImageTree attachment =
        new ImageTree(
            session,
            image.source(),
            copy.source(),
            work.target(),
            true,
            work.pulls(),
            work.space());
    try {
      if (readAttachment(copy, attachment)) {
        run(planner.after(copy, attachment), attachment);
      }
    } finally {
      attachment.forget();
    }
  }

  /** False where it does not travel: it is gone, or cannot be read. */
  private boolean readAttachment(CopyReferrer copy, ImageTree attachment) {
    Digest digest = copy.manifest().digest();
    if (work.isSilent()) {
      work.leave(
          digest,
          "%s, attached to %s, is left at the source, which has fallen silent"
              .formatted(copy.name(), copy.subject()),
          true);
      return false;
    }
    try {
      reading("read " + digest, attachment, copy.manifest());
    } catch (MirrorException e) {
      if (e.isLimit() || e.side() == Side.TARGET) {
        throw e;
      }
      work.fellSilent(e);
      work.leave(
          digest,
          "%s, attached to %s, is left at the source: %s"
              .formatted(copy.name(), copy.subject(), e.getMessage()),
          true);
      return false;
    }
    if (attachment.absent().isEmpty()) {
      return true;
    }
    work.leave(
        digest,
        "%s is listed as attached to %s, but its manifest %s is gone at the source; left out"
            .formatted(copy.name(), copy.subject(), attachment.absent().keySet().iterator().next()),
        false);
    return false;
  }

  private boolean listsReferrers(Digest subject) {
    return atTarget("list referrers", () -> session.listsReferrers(work.target(), subject));
  }

  private void merge(MergeList merge) {
    Digest list = merge.list();
    session.alone(
        merge.tag(),
        () -> {
          new FallbackTag(session.target(), image.source(), merge.tag(), merge.subject())
              .merge(merge, list == null ? null : work.list(list));
          return merge;
        });
    moved = true;
  }

  // Confirmation

  /** Asks the target for the tag and for every manifest below it, all at once. */
  private void confirm(Confirm confirm, ImageTree tree) {
    Node root = tree.root();
    Parallel.map(
        tree.nodes().values(),
        node -> {
          if (node.equals(root)) {
            confirmTag(confirm);
          } else {
            confirmChild(work.target().at(node.raw().digest()));
          }
          return node;
        });
  }

  private void confirmTag(Confirm confirm) {
    Optional<Digest> tag =
        atTarget(
            "confirm " + confirm.target(),
            () -> session.target().find(confirm.target()).await().map(Descriptor::digest));
    if (tag.isEmpty() || !tag.get().equals(confirm.digest())) {
      throw lacking(
          "confirm " + confirm.target(),
          "the tag means %s after it was put as %s"
              .formatted(tag.map(Digest::toString).orElse("nothing"), confirm.digest()),
          confirm.digest().algorithm() == Digest.Algorithm.SHA256
              ? "somebody else moved it at the same time, or the registry is in trouble: run again"
              : "a registry keeps what is put by tag under a sha256 digest: copy by digest, or name"
                  + " the source by a tag of a registry that uses sha256");
    }
  }

  private void confirmChild(ImageReference name) {
    if (atTarget("confirm " + name, () -> session.target().find(name).await()).isEmpty()) {
      throw lacking(
          "confirm " + name, "it was put, but it is not there", "the registry lost it: run again");
    }
  }

  private MirrorException lacking(String step, String message, String remedy) {
    incomplete = true;
    return new MirrorException(Side.TARGET, image.source(), step, message, remedy, null);
  }

  private <T> T atTarget(String step, Supplier<T> call) {
    return MirrorException.at(Side.TARGET, image.source(), step, call);
  }
}
