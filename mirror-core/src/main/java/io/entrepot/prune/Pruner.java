package io.entrepot.prune;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;

/**
 * Removes what nothing counted needs any more from the repositories that locks ever named. Where
 * anything could not be read, nothing is removed. Blocks.
 */
public final class Pruner {

  private static final int AT_ONCE = 24;
  private static final int REPOSITORIES_AT_ONCE = 8;

  /** A forge takes many deletions at once for an attack: so many in all repositories together. */
  private static final int FORGE_AT_ONCE = 4;

  private final RegistryClient client;
  private final Shelf shelf;
  private final PruneRequest request;
  private final Marks marks;
  private final Journal journal;
  private final Semaphore slots = new Semaphore(AT_ONCE);
  private final Semaphore deletions;

  private Pruner(RegistryClient client, Shelf shelf, PruneRequest request, Marks marks) {
    this.client = client;
    this.shelf = shelf;
    this.request = request;
    this.marks = marks;
    this.journal = new Journal(request.journals());
    this.deletions = new Semaphore(shelf.listsAll() ? FORGE_AT_ONCE : AT_ONCE);
  }

  /** Cleans a registry by its own DELETE. */
  public static PruneReport byRegistry(RegistryClient client, PruneRequest request, Marks marks) {
    return new Pruner(client, new RegistryShelf(client, new Semaphore(AT_ONCE)), request, marks)
        .run();
  }

  /** Cleans packages of GitHub by its API. */
  public static PruneReport byGithub(
      RegistryClient client, PruneRequest request, Marks marks, Forge forge) {
    return new Pruner(
            client,
            new GithubShelf(
                client,
                request.target().registry(),
                forge.api(),
                forge.token().orElse(null),
                forge.clock()),
            request,
            marks)
        .run();
  }

  /** What became of reading a repository. */
  private record Read(Optional<RepositoryPlan> plan, Optional<Unseen> unseen) {}

  private PruneReport run() {
    List<Repository> repositories =
        new TreeSet<>(marks.repositories())
            .stream().filter(each -> request.target().contains(each)).toList();
    List<Unseen> unseen = new ArrayList<>(marks.unseen());
    List<RepositoryPlan> plans = new ArrayList<>();
    for (Read read : Parallel.map(repositories, new Semaphore(REPOSITORIES_AT_ONCE), this::read)) {
      read.plan().ifPresent(plans::add);
      read.unseen().ifPresent(unseen::add);
    }
    List<String> failures = new ArrayList<>();
    List<RepositoryPlan> work =
        unseen.isEmpty() && request.confirm()
            ? plans.stream().filter(plan -> !plan.removed().isEmpty()).toList()
            : List.of();
    Semaphore turns = new Semaphore(REPOSITORIES_AT_ONCE);
    Parallel.map(work, turns, plan -> shelf.forbidden(plan.graph().repository()))
        .forEach(why -> why.ifPresent(failures::add));
    Map<RepositoryPlan, Swept> swept = new LinkedHashMap<>();
    if (failures.isEmpty()) {
      for (Swept each : Parallel.map(work, turns, this::remove)) {
        swept.put(each.plan(), each);
        failures.addAll(each.failures());
      }
    }
    return report(plans, unseen, swept, failures);
  }

  private Read read(Repository repository) {
    try {
      Set<Digest> doomed = journal.read(repository);
      Set<Digest> hints = marks.heldIn(repository);
      hints.addAll(doomed);
      ManifestGraph graph =
          ManifestGraph.read(client, repository, shelf.list(repository), hints, slots);
      return new Read(
          Optional.of(new RepositoryPlan(request, marks, graph, doomed)), Optional.empty());
    } catch (RegistryException e) {
      if (e.isLimit()) {
        throw e;
      }
      return new Read(
          Optional.empty(),
          Optional.of(new Unseen(repository.toString(), String.valueOf(e.getMessage()))));
    } catch (MalformedException e) {
      return new Read(
          Optional.empty(),
          Optional.of(new Unseen(repository.toString(), String.valueOf(e.getMessage()))));
    }
  }

  /**
   * What became of a plan.
   *
   * @param gone what was removed
   * @param stays what was to go and stays after all, with the reason
   */
  private record Swept(
      RepositoryPlan plan, Set<Digest> gone, Map<Digest, String> stays, List<String> failures) {
    Swept(RepositoryPlan plan) {
      this(plan, new TreeSet<>(), new LinkedHashMap<>(), new ArrayList<>());
    }
  }

  /** Removes what a plan says, as far as nothing has come to need it meanwhile. */
  private Swept remove(RepositoryPlan plan) {
    Repository repository = plan.graph().repository();
    Swept swept = new Swept(plan);
    try {
      Set<Digest> hints = new TreeSet<>(plan.removed());
      hints.addAll(plan.kept().keySet());
      ManifestGraph now = plan.graph().again(shelf.list(repository), hints);
      Set<Digest> still = plan.stillRemoved(now);
      for (Digest each : plan.removed()) {
        if (!still.contains(each)) {
          swept.stays().put(each, "something was pushed meanwhile that needs it");
        }
      }
      still.removeIf(digest -> !now.isThere(digest) && now.held(digest).isEmpty());
      if (!shelf.listsAll()) {
        journal.begin(repository, still);
      }
      boolean whole =
          plan.kept().isEmpty()
              && swept.stays().isEmpty()
              && shelf.listsAll()
              && still.containsAll(now.known());
      if (whole && shelf.removeWhole(repository)) {
        swept.gone().addAll(still);
        return swept;
      }
      sweep(now, still, swept.gone(), swept.stays());
      journal.end(repository);
    } catch (RegistryException e) {
      if (e.isLimit()) {
        throw e;
      }
      swept
          .failures()
          .add(
              e.remedy() == null
                  ? String.valueOf(e.getMessage())
                  : e.getMessage() + "; " + e.remedy());
      return swept;
    }
    verify(plan, swept.failures());
    return swept;
  }

  /** Wave after wave; before each the repository is listed again. */
  private void sweep(
      ManifestGraph now, Set<Digest> still, Set<Digest> gone, Map<Digest, String> stays) {
    Repository repository = now.repository();
    Set<Digest> needed = new TreeSet<>();
    boolean first = true;
    for (List<Digest> wave : now.waves(still)) {
      if (!first) {
        needed.addAll(pushedMeanwhile(now, gone));
      }
      first = false;
      List<Digest> going = new ArrayList<>();
      for (Digest digest : wave) {
        if (needed.contains(digest)) {
          stays.put(digest, "something was pushed meanwhile that needs it");
        } else if (!shelf.listsAll() || now.held(digest).isPresent()) {
          going.add(digest);
        }
      }
      List<Shelf.Removal> removals =
          Parallel.map(
              going,
              deletions,
              digest ->
                  shelf.remove(
                      repository,
                      now.held(digest).orElse(new Held(digest, Set.of(), Optional.empty(), 0))));
      for (int i = 0; i < going.size(); i++) {
        if (removals.get(i) == Shelf.Removal.DONE) {
          gone.add(going.get(i));
        } else {
          stays.put(
              going.get(i), "it is the last tagged version, which GitHub does not delete alone");
        }
      }
    }
  }

  /** What is needed by whatever is listed now and was not, or was listed otherwise. */
  private Set<Digest> pushedMeanwhile(ManifestGraph before, Set<Digest> gone) {
    Repository repository = before.repository();
    List<Held> fresh =
        shelf.list(repository).stream()
            .filter(
                each -> {
                  Optional<Held> known = before.held(each.digest());
                  return known.isEmpty()
                      || !known.get().tags().equals(each.tags())
                      || !known.get().pushed().equals(each.pushed());
                })
            .filter(each -> !gone.contains(each.digest()) || !each.tags().isEmpty())
            .toList();
    return fresh.isEmpty()
        ? Set.of()
        : ManifestGraph.read(client, repository, fresh, Set.of(), slots)
            .closure(fresh.stream().map(Held::digest).toList());
  }

  /** Everything that is needed and was there before has to be there still. */
  private void verify(RepositoryPlan plan, List<String> failures) {
    Repository repository = plan.graph().repository();
    List<Digest> needed = plan.kept().keySet().stream().filter(plan.graph()::isThere).toList();
    List<Boolean> there =
        Parallel.map(
            needed, slots, digest -> client.find(repository.at(digest)).await().isPresent());
    for (int i = 0; i < needed.size(); i++) {
      if (!there.get(i)) {
        failures.add(
            "%s is not there any more, and it is needed: entrepot mirror --recheck brings it back"
                .formatted(repository.at(needed.get(i))));
      }
    }
  }

  private PruneReport report(
      List<RepositoryPlan> plans,
      List<Unseen> unseen,
      Map<RepositoryPlan, Swept> swept,
      List<String> failures) {
    List<PruneReport.Removed> remove = new ArrayList<>();
    List<PruneReport.Kept> keep = new ArrayList<>();
    List<PruneReport.Broken> broken = new ArrayList<>();
    int removed = 0;
    for (RepositoryPlan plan : plans) {
      ManifestGraph graph = plan.graph();
      Repository repository = graph.repository();
      Swept done = swept.getOrDefault(plan, new Swept(plan));
      Map<Digest, String> stays = done.stays();
      for (Digest digest : graph.inOrder(plan.removed())) {
        if (stays.containsKey(digest)) {
          keep.add(
              new PruneReport.Kept(repository, digest, tags(graph, digest), stays.get(digest)));
        } else {
          remove.add(
              new PruneReport.Removed(
                  repository,
                  digest,
                  tags(graph, digest),
                  plan.reason(digest),
                  graph.held(digest).map(Held::version).orElse(0L)));
        }
      }
      plan.kept()
          .forEach(
              (digest, because) -> {
                if (graph.isThere(digest)) {
                  keep.add(new PruneReport.Kept(repository, digest, tags(graph, digest), because));
                }
              });
      graph
          .broken(plan.kept().keySet())
          .forEach(digest -> broken.add(new PruneReport.Broken(repository, digest)));
      removed += done.gone().size();
    }
    return new PruneReport(remove, keep, unseen, broken, failures, removed);
  }

  private static Set<Tag> tags(ManifestGraph graph, Digest digest) {
    return graph.held(digest).map(Held::tags).orElse(Set.of());
  }
}
