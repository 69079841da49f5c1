package io.entrepot.mirror;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.lock.LockedOrigin;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.PlannedImage.Made;
import io.entrepot.mirror.compose.ComposeException;
import io.entrepot.mirror.compose.Composed;
import io.entrepot.mirror.compose.ImageComposer;
import io.entrepot.mirror.compose.Recipe;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Repository;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.Problem;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Plans an image that is composed here. While its sources mean what the lock says, and its recipe
 * is the lock's, it is not composed again.
 */
final class CompositionPlanner {

  private static final MediaType LAYER =
      new MediaType("application/vnd.oci.image.layer.v1.tar+gzip");

  private final MirrorSession session;
  private final Lookups lookups;
  private final LockFile lock;
  private final PolicyPlanner policies;

  CompositionPlanner(MirrorSession session, LockFile lock, PolicyPlanner policies) {
    this.session = session;
    this.lookups = new Lookups(session);
    this.lock = lock;
    this.policies = policies;
  }

  PlannedImage plan(Compose compose, ImageDraft draft) {
    session.target().expectPushes(compose.target().repository());
    Future<Optional<Descriptor>> atTarget = session.target().find(compose.target());
    LockedImage locked = lock.images().get(draft.source());
    Map<String, Digest> from = locked == null ? Map.of() : locked.origin().from();
    if (session.options().locked() && from.isEmpty()) {
      return draft.failed("not in the lock file", "a run without --locked locks it");
    }
    SortedMap<ImageReference, Descriptor> roots = new TreeMap<>();
    SortedMap<ImageReference, AgeChoice> ages = new TreeMap<>();
    boolean settled = true;
    boolean waits = false;
    for (ImageReference source : compose.composition().sources()) {
      ImageReference key = ImageDraft.key(source);
      Digest former = from.get(key.toString());
      if (session.options().locked() && former == null) {
        return draft.failed(
            "the lock file does not say what %s was".formatted(key),
            "a run without --locked locks it");
      }
      Descriptor root =
          lookups.resolve(
              draft, session.options().locked() && former != null ? key.pinnedTo(former) : key);
      session.budget().look(key.registry());
      policies.refuseDenied(key.repository(), root.digest());
      if (!session.options().locked()) {
        AgeChoice age =
            policies.chooseFor(
                key, root.digest(), former, digest -> lookups.isAtSource(draft, key, digest));
        if (session.options().policy().isPresent()) {
          ages.put(key, age);
        }
        Digest taken = age.taken();
        if (taken == null) {
          // The other sources are seen all the same: their waits run beside this one.
          waits = true;
          continue;
        }
        root = taken.equals(root.digest()) ? root : lookups.resolve(draft, key.pinnedTo(taken));
        policies.refuseDenied(key.repository(), root.digest());
      }
      settled &= root.digest().equals(former);
      roots.put(key, root);
    }
    if (waits) {
      return draft.waiting().aged(ages);
    }
    return planned(compose, draft, atTarget, roots, settled).aged(ages);
  }

  private PlannedImage planned(
      Compose compose,
      ImageDraft draft,
      Future<Optional<Descriptor>> atTarget,
      SortedMap<ImageReference, Descriptor> roots,
      boolean settled) {
    Digest former = Lookups.atTarget(draft, atTarget).map(Descriptor::digest).orElse(null);
    LockedImage locked = lock.images().get(draft.source());
    Digest recipe = Recipe.of(compose.composition(), compose.policy().platforms());
    boolean vouched =
        settled
            && locked != null
            && locked.origin().recipe().filter(recipe::equals).isPresent()
            && draft.vouchedBy(locked, locked.digest())
            && policies.isSettled(roots, locked)
            && !session.options().recheck();
    if (vouched && former != null && former.equals(draft.locked())) {
      return draft.unchanged(former);
    }
    Set<Digest> contents = new HashSet<>();
    Composed image = composed(compose, draft, roots, locked, contents);
    if (session.options().locked()
        && !image.index().digest().equals(locked == null ? null : locked.digest())) {
      return draft.failed(
          "what is made of the locked sources is %s, the lock has another digest"
              .formatted(image.index().digest()),
          "a run without --locked locks it again");
    }
    return draft.resolved(
        new Made(compose.composition().base().repository(), roots, recipe, image, contents),
        former,
        false);
  }

  private Composed composed(
      Compose compose,
      ImageDraft draft,
      SortedMap<ImageReference, Descriptor> roots,
      @Nullable LockedImage locked,
      Set<Digest> contents) {
    Map<ImageReference, Descriptor> bySource = new TreeMap<>();
    compose
        .composition()
        .sources()
        .forEach(
            source -> {
              Descriptor root = roots.get(ImageDraft.key(source));
              if (root != null) {
                bySource.put(source, root);
              }
            });
    SortedMap<Platform, LockedOrigin.Layer> layers =
        locked == null ? new TreeMap<>() : locked.origin().layers();
    Repository target = compose.target().repository();
    try {
      return new ImageComposer(
              compose.composition(),
              bySource,
              repository -> new MeteredContent(session, draft.source(), repository, contents::add),
              (platform, diffId) ->
                  Optional.ofNullable(layers.get(platform))
                      .filter(layer -> layer.diffId().equals(diffId))
                      .flatMap(layer -> atTarget(draft, target, layer.digest())))
          .compose(compose.policy().platforms());
    } catch (ComposeException e) {
      if (e.isConfiguration()) {
        throw new ConfigException(
            new Problem(e.position(), "", String.valueOf(e.getMessage())), null);
      }
      throw Stopped.refused(
          String.valueOf(e.getMessage()), "take a file that is made for the platform");
    } catch (IOException | UncheckedIOException e) {
      throw new MirrorException(
          Side.SOURCE,
          draft.source(),
          "compose",
          String.valueOf(e.getMessage()),
          "run again when its sources can be read",
          e);
    }
  }

  private Optional<Descriptor> atTarget(ImageDraft draft, Repository target, Digest layer) {
    return MirrorException.at(
            Side.TARGET,
            draft.source(),
            "look for layer " + layer,
            () -> session.target().findBlob(target, layer).await())
        .map(size -> Descriptor.of(LAYER, layer, size));
  }
}
