package io.entrepot.pin;

import io.entrepot.oci.Digest;
import io.entrepot.render.ChangedTree;
import io.entrepot.render.ChangedTree.Build;
import io.entrepot.render.GitRemotes;
import io.entrepot.render.RenderTools;
import io.entrepot.render.Sources;
import io.entrepot.render.TreeCopy;
import io.entrepot.sites.ImageSite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Proves a plan by rendering: every kustomization, chart and release that reads a changed file is
 * rendered before and after in a copy of the tree, and edits that change more than registry,
 * repository and digest are taken back.
 */
final class TreeProof {

  /** Taking one site back may show another one; a chain as long as this is nobody's doing. */
  private static final int MOST_ROUNDS = 8;

  /** A text as short as this says nothing of where it comes from. */
  private static final int TELLING = 4;

  /**
   * A place of a file.
   *
   * @param path of a site, which sites of several documents may have
   * @param line that the site touches, or 0 for any
   */
  record Place(String path, int line) {

    static Place of(SiteEdit edit) {
      return new Place(edit.path(), edit.line());
    }

    /** Whether a site is the one at this place. */
    boolean isOf(ImageSite site) {
      return path.equals(site.path()) && (line == 0 || site.touches(line));
    }
  }

  private static final Behind ANY = (_, _) -> true;

  /** Ways to find the edits behind a difference, the closest first. */
  private static final List<Behind> CLOSE_FIRST =
      List.of(TreeProof::isAt, TreeProof::hasText, TreeProof::hasDigest, ANY);

  /** Whether an edit may be behind a difference. */
  private interface Behind {
    boolean test(SiteEdit edit, RenderDifference difference);
  }

  private final WholeTree tree;
  private final RenderTools tools;
  private final ImageChange change;
  private final Replanner replanner;
  private final Map<String, FilePlan> plans = new LinkedHashMap<>();
  private final Map<String, Map<Place, String>> refused = new HashMap<>();
  private final Set<String> tried = new HashSet<>();

  /**
   * @param change what an image may become
   */
  TreeProof(WholeTree tree, RenderTools tools, ImageChange change, Replanner replanner) {
    this.tree = tree;
    this.tools = tools;
    this.change = change;
    this.replanner = replanner;
  }

  /** The plans with their proof, where there is anything to prove. */
  static PinPlan of(
      List<FilePlan> plans,
      @Nullable RenderTools tools,
      WholeTree tree,
      ImageChange change,
      Replanner replanner)
      throws IOException {
    return tools == null || plans.stream().noneMatch(FilePlan::changes)
        ? new PinPlan(plans)
        : new TreeProof(tree, tools, change, replanner).of(plans);
  }

  /**
   * The plan, without what rendering disproves.
   *
   * @param given those that change something are of files of the tree
   */
  PinPlan of(List<FilePlan> given) throws IOException {
    List<FilePlan> result = new ArrayList<>(given);
    Map<String, Integer> at = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      if (given.get(i).changes()) {
        String file = relative(given.get(i));
        plans.put(file, given.get(i));
        at.put(file, i);
      }
    }
    Set<String> changed = Set.copyOf(plans.keySet());
    List<Proof.Unproved> unproved = new ArrayList<>();
    List<String> proved = List.of();
    try (TreeCopy copy = TreeCopy.of(tree.root(), tree.parts())) {
      Map<String, Build> rendered = new LinkedHashMap<>();
      for (Build build : builds(copy, changed)) {
        if (build.isRendered()) {
          rendered.put(build.key(), build);
        } else {
          unproved.add(new Proof.Unproved(build.name(), why(build)));
        }
      }
      if (!rendered.isEmpty()) {
        proved = settled(copy, changed, rendered, unproved);
      }
    } catch (TreeCopy.TooLargeException e) {
      unproved.add(new Proof.Unproved("everything", String.valueOf(e.getMessage())));
    }
    plans.forEach((file, plan) -> result.set(Objects.requireNonNull(at.get(file)), plan));
    return new PinPlan(result, new Proof(proved, unproved.stream().distinct().toList()));
  }

  /** Takes edits back until every build is right; the names of the builds that prove something. */
  private List<String> settled(
      TreeCopy copy, Set<String> changed, Map<String, Build> before, List<Proof.Unproved> unproved)
      throws IOException {
    for (String file : changed) {
      copy.write(file, Objects.requireNonNull(plans.get(file)).after());
    }
    for (int round = 0; ; round++) {
      Map<Build, List<RenderDifference>> wrong = wrong(copy, changed, before);
      if (wrong.isEmpty()) {
        return before.values().stream()
            .filter(build -> build.files().stream().anyMatch(this::isChanged))
            .map(Build::name)
            .distinct()
            .toList();
      }
      Set<String> again = new LinkedHashSet<>();
      for (Map.Entry<Build, List<RenderDifference>> each : wrong.entrySet()) {
        again.addAll(refused(each.getKey(), each.getValue(), round >= MOST_ROUNDS));
      }
      if (again.isEmpty()) {
        // Nothing is edited there any more: what it shows is not this change's doing.
        wrong.forEach(
            (build, differences) -> {
              before.remove(build.key());
              unproved.add(new Proof.Unproved(build.name(), differences.getFirst().toString()));
            });
      }
      for (String file : again) {
        FilePlan plan = Objects.requireNonNull(plans.get(file));
        FilePlan other = another(file, plan);
        copy.write(file, other.changes() ? other.after() : plan.before());
        plans.put(file, other);
      }
    }
  }

  private FilePlan another(String file, FilePlan plan) throws IOException {
    Map<Place, String> places = refused.getOrDefault(file, Map.of());
    FilePlan without =
        replanner.without(
            plan,
            site ->
                places.entrySet().stream()
                    .filter(each -> each.getKey().isOf(site))
                    .map(Map.Entry::getValue)
                    .findFirst());
    Optional<FilePlan> otherwise = tried.add(file) ? replanner.otherwise(plan) : Optional.empty();
    if (otherwise.isPresent() && sites(otherwise.get()) > sites(without)) {
      refused.remove(file);
      return otherwise.get();
    }
    return without;
  }

  private static long sites(FilePlan plan) {
    return plan.edits().stream().map(SiteEdit::path).distinct().count();
  }

  private boolean isChanged(String file) {
    FilePlan plan = plans.get(file);
    return plan != null && plan.changes();
  }

  private List<Build> builds(TreeCopy copy, Set<String> changed) {
    return new ChangedTree(
            new Sources(copy.root()),
            tools,
            GitRemotes.of(tree.root()),
            tree.kustomizations().stream().map(tree::relative).toList(),
            tree.objects().stream().map(tree::relative).toList(),
            changed)
        .rendered();
  }

  private static Map<String, Build> byKey(List<Build> builds) {
    Map<String, Build> byKey = new LinkedHashMap<>();
    builds.forEach(build -> byKey.putIfAbsent(build.key(), build));
    return byKey;
  }

  /** The builds that changed by more than they may, with what changed. */
  private Map<Build, List<RenderDifference>> wrong(
      TreeCopy copy, Set<String> changed, Map<String, Build> before) {
    Map<String, Build> after = byKey(builds(copy, changed));
    RenderComparison comparison = new RenderComparison(change);
    Map<Build, List<RenderDifference>> wrong = new LinkedHashMap<>();
    before.forEach(
        (key, old) -> {
          Build now = after.get(key);
          if (now == null || !now.isRendered()) {
            String why = now == null ? "it is not asked for any more" : why(now);
            wrong.put(old, List.of(new RenderDifference(old.name(), "rendered", why)));
            return;
          }
          List<RenderDifference> differences = comparison.of(old.documents(), now.documents());
          if (!differences.isEmpty()) {
            wrong.put(old, differences);
          }
        });
    if (wrong.isEmpty()) {
      return wrong;
    }
    // What is made up anew each time (passwords, certificates, times) says nothing.
    Map<String, Build> again = byKey(builds(copy, changed));
    Map<Build, List<RenderDifference>> steady = new LinkedHashMap<>();
    wrong.forEach(
        (old, differences) -> {
          Build first = after.get(old.key());
          Build second = again.get(old.key());
          List<RenderDifference> left = differences;
          if (first != null && second != null && first.isRendered() && second.isRendered()) {
            Set<String> moving =
                comparison.of(first.documents(), second.documents()).stream()
                    .map(RenderDifference::place)
                    .collect(Collectors.toSet());
            left = differences.stream().filter(each -> !moving.contains(each.place())).toList();
          }
          if (!left.isEmpty()) {
            steady.put(old, left);
          }
        });
    return steady;
  }

  private static String why(Build build) {
    return build.missing() != null ? build.missing() : String.valueOf(build.problem());
  }

  /** Notes the sites behind differences, or all that the build reads; the files concerned. */
  private Set<String> refused(Build build, List<RenderDifference> differences, boolean all) {
    Set<String> files = new LinkedHashSet<>();
    for (Behind behind : all ? List.of(ANY) : CLOSE_FIRST) {
      for (String file : build.files()) {
        FilePlan plan = plans.get(file);
        for (SiteEdit edit : plan == null ? List.<SiteEdit>of() : plan.edits()) {
          differences.stream()
              .filter(each -> behind.test(edit, each))
              .findFirst()
              .ifPresent(
                  each -> {
                    Map<Place, String> places = refused.computeIfAbsent(file, _ -> new HashMap<>());
                    String why = "rendering the %s shows: %s".formatted(build.name(), each);
                    if (places.putIfAbsent(Place.of(edit), why) != null) {
                      places.put(new Place(edit.path(), 0), why);
                    }
                    files.add(file);
                  });
        }
      }
      if (!files.isEmpty()) {
        return files;
      }
    }
    return files;
  }

  private static boolean isAt(SiteEdit edit, RenderDifference difference) {
    return difference.place().endsWith(" " + edit.path()) && hasText(edit, difference);
  }

  private static boolean hasText(SiteEdit edit, RenderDifference difference) {
    return edit.replacement().length() >= TELLING
        && difference.after().contains(edit.replacement());
  }

  private static boolean hasDigest(SiteEdit edit, RenderDifference difference) {
    int digest = edit.replacement().indexOf(Digest.Algorithm.SHA256.prefix() + ":");
    return digest >= 0 && difference.after().contains(edit.replacement().substring(digest));
  }

  private String relative(FilePlan plan) throws IOException {
    return tree.relative(plan.path().toRealPath());
  }
}
