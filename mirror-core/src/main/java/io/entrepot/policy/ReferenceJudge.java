package io.entrepot.policy;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Judges what files name by the lock, and asks registries for what the lock does not say. Each
 * image is judged once. Blocks where it asks; safe for many threads.
 */
public final class ReferenceJudge {

  private final LockJudge lock;
  private final Optional<Supplier<RegistryClient>> registries;
  private final Map<ImageReference, Decision> known = new ConcurrentHashMap<>();

  private ReferenceJudge(LockJudge lock, Optional<Supplier<RegistryClient>> registries) {
    this.lock = lock;
    this.registries = registries;
  }

  /** Judges by the lock alone. */
  public static ReferenceJudge offline(LockJudge lock) {
    return new ReferenceJudge(lock, Optional.empty());
  }

  /**
   * Judges by the lock and by what registries say.
   *
   * @param registries asked for once the first registry must be asked, and only then
   */
  public static ReferenceJudge online(LockJudge lock, Supplier<RegistryClient> registries) {
    return new ReferenceJudge(lock, Optional.of(registries));
  }

  /** Decides about an image as a file names it, or is to name it. */
  public Decision judge(ImageReference written) {
    Decision before = known.get(written);
    if (before == null) {
      before = decided(written);
      known.put(written, before);
    }
    return before;
  }

  /** Why an image is denied, as far as that is known without asking. */
  public Optional<Decision.Refused> denial(ImageReference written) {
    return lock.judge(written) instanceof Decision.Refused refused
            && refused.cause() == Decision.Cause.DENIED
        ? Optional.of(refused)
        : Optional.empty();
  }

  /**
   * Decides about an image whose manifest was read, by what its registry says now; of the lock only
   * the sight and the name of the source count.
   *
   * @param client asks where the image lies
   */
  public static Decision afresh(
      LockJudge lock, RegistryClient client, ImageReference image, RawManifest root) {
    Judge judge = new Judge(lock.policy(), client, lock.clock());
    Decision decision = new Decision.Admitted(List.of());
    for (Repository source : lock.sources(image)) {
      decision =
          judge.decide(source, image.repository(), root, lock.firstSeen(source, root.digest()));
      if (!(decision instanceof Decision.Admitted)) {
        return decision;
      }
    }
    return decision;
  }

  private Decision decided(ImageReference written) {
    Decision decision = lock.judge(written);
    Collection<Repository> sources = lock.sources(written);
    if (!(decision instanceof Decision.Unjudged)
        || written.digest() == null
        || registries.isEmpty()
        || sources.size() != 1) {
      return decision;
    }
    Repository source = sources.iterator().next();
    if (!lock.policy().looksInside(source)) {
      return decision;
    }
    RegistryClient client = registries.get().get();
    try {
      RawManifest root = client.fetchManifest(written.repository().at(written.digest())).await();
      Facts facts =
          new Judge(lock.policy(), client, lock.clock()).facts(source, written.repository(), root);
      return lock.judge(written, facts);
    } catch (MalformedException e) {
      return new Decision.Unjudged(
          "what is in it cannot be understood: " + e.getMessage(), "take another digest");
    } catch (RegistryException e) {
      String remedy = e.remedy();
      return new Decision.Unjudged(
          String.valueOf(e.getMessage()),
          remedy == null ? "run again when its registry answers" : remedy);
    }
  }
}
