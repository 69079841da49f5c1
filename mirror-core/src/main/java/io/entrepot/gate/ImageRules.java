package io.entrepot.gate;

import io.entrepot.concurrent.Parallel;
import io.entrepot.gate.Inspection.Absent;
import io.entrepot.gate.Inspection.Kind;
import io.entrepot.gate.Inspection.Present;
import io.entrepot.gate.Inspection.Unknown;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.ValuesDocument;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules about images: where they are from, how they are named and what is in them. */
final class ImageRules {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{|\\$\\{|###|__[A-Z_]+__");

  private final Scene scene;
  private final Verdicts verdicts;
  private final @Nullable LockView lock;
  private final Inspector inspector;
  private final List<ImagePattern> firstParty;

  ImageRules(Scene scene, Verdicts verdicts, @Nullable LockView lock, Inspector inspector) {
    this.scene = scene;
    this.verdicts = verdicts;
    this.lock = lock;
    this.inspector = inspector;
    this.firstParty = scene.spec().firstParty().stream().map(ImagePattern::new).toList();
  }

  void judge() {
    scene.images().forEach(this::names);
    scene.pods().forEach(this::containers);
    emptyReferences();
    targetsDiffer();
    registries();
  }

  // ---- names ---------------------------------------------------------------------------------

  private void names(ImageUse use) {
    ImageReference image = use.reference();
    if (image.registry().equals(RegistryName.DOCKER_HUB)) {
      verdicts.refuse(
          Rule.DOCKER_HUB,
          use,
          "%s comes from Docker Hub".formatted(image),
          mirrored(image)
              .map(copy -> "write the copy %s: entrepot pin does it".formatted(copy))
              .orElse(Rule.DOCKER_HUB.remedy()));
    }
    if (use.role() == ImageUse.Role.CHART) {
      return;
    }
    if (image.digest() == null) {
      verdicts.refuse(
          Rule.UNPINNED,
          use,
          image.tag() == null
              ? "%s has neither tag nor digest, which means latest".formatted(image)
              : "%s is named by a tag alone, without a digest".formatted(image),
          Rule.UNPINNED.remedy());
    }
    if (image.tag() != null && scene.spec().floatingTags().matches(image.tag())) {
      verdicts.refuse(
          Rule.FLOATING_TAG,
          use,
          "%s: the tag '%s' moves%s"
              .formatted(
                  image.repository(),
                  image.tag(),
                  image.digest() == null ? "" : ", and beside the digest it says nothing"),
          Rule.FLOATING_TAG.remedy());
    }
    if (lock != null && !isBuiltHere(lock, image)) {
      lock.problem(image)
          .ifPresent(
              problem ->
                  verdicts.refuse(Rule.NOT_MIRRORED, use, problem, Rule.NOT_MIRRORED.remedy()));
    }
  }

  /** A copy is no image of ours, however wide the pattern. */
  private boolean isBuiltHere(LockView known, ImageReference image) {
    return !known.holds(image.repository())
        && firstParty.stream().anyMatch(each -> each.matches(image));
  }

  private Optional<ImageReference> mirrored(ImageReference image) {
    return lock == null ? Optional.empty() : lock.find(image).map(held -> held.pinnedTarget());
  }

  // ---- containers ----------------------------------------------------------------------------

  private void containers(Pod pod) {
    boolean patch =
        pod.object().origin().standing()
            && Nodes.at(pod.object().root(), "spec", "selector") == null
            && Set.of("Deployment", "StatefulSet", "DaemonSet").contains(pod.object().kind());
    for (Pod.Container container : pod.containers()) {
      SourceNode node = Nodes.at(container.node(), "image");
      String image = Nodes.text(container.node(), "image");
      if (pod.builtIn() && !(patch && node == null)) {
        missing(pod, container, node, image);
      }
      policy(pod, container, image);
    }
  }

  private void missing(
      Pod pod, Pod.Container container, @Nullable SourceNode node, @Nullable String image) {
    String message = null;
    if (image == null || image.isBlank()) {
      message = "the container '%s' has no image".formatted(container.name());
    } else if (Scene.reference(image).isEmpty()) {
      if (isFilledLater(pod.object(), image)) {
        verdicts.leave(filledLater(pod, image));
        return;
      }
      boolean empty = image.startsWith(":") || image.startsWith("@") || image.startsWith("/");
      boolean half = image.endsWith(":") || image.endsWith("@");
      message =
          empty
              ? "the image of container '%s' is '%s': a tag without a repository"
                  .formatted(container.name(), image)
              : half
                  ? "the image of container '%s' is '%s': what should follow is empty"
                      .formatted(container.name(), image)
                  : "the image of container '%s' is no image reference: '%s'"
                      .formatted(container.name(), image);
    }
    if (message != null) {
      KubernetesObject object = pod.object();
      Place place =
          scene.locator().of(object, node == null ? container.node() : node, "image: " + image);
      verdicts.refuse(Rule.IMAGE_MISSING, object, place, image, message);
    }
  }

  /** Whether something after us puts the image together: a template engine, or Flux. */
  private static boolean isFilledLater(KubernetesObject object, String image) {
    boolean later =
        object.origin().standing() || object.origin().entry() instanceof RenderEntry.Kustomize;
    return later && PLACEHOLDER.matcher(image).find();
  }

  private static Unjudged filledLater(Pod pod, String image) {
    KubernetesObject object = pod.object();
    String file = object.origin().file();
    return new Unjudged(
        Rule.IMAGE_MISSING,
        object.origin().target(),
        "the image '%s' of %s%s"
            .formatted(image, Scene.name(object), file == null ? "" : " in " + file),
        "it is filled in later, and only then there is an image to judge");
  }

  private void policy(Pod pod, Pod.Container container, @Nullable String image) {
    String wanted = scene.spec().pullPolicy();
    if (wanted == null || image == null) {
      return;
    }
    String given = Nodes.text(container.node(), "imagePullPolicy");
    Optional<ImageReference> reference = Scene.reference(image);
    boolean latest =
        reference
            // Kubernetes looks at the tag, also where a digest stands beside it.
            .filter(r -> r.tag() == null ? r.digest() == null : r.tag().equals(Tag.LATEST))
            .isPresent();
    String effective = given != null ? given : latest ? "Always" : "IfNotPresent";
    if (effective.equals(wanted)) {
      return;
    }
    KubernetesObject object = pod.object();
    SourceNode node = Nodes.at(container.node(), "imagePullPolicy");
    Place place =
        scene
            .locator()
            .of(
                object,
                node == null ? container.node() : node,
                "ullPolicy: " + effective,
                "ullPolicy: \"" + effective);
    verdicts.refuse(
        Rule.PULL_POLICY,
        object,
        place,
        reference.map(ImageReference::toString).orElse(image),
        given == null
            ? "the container '%s' names no imagePullPolicy, which means %s here; %s is asked"
                .formatted(container.name(), effective, wanted)
            : "the container '%s' has imagePullPolicy %s; %s is asked"
                .formatted(container.name(), effective, wanted));
  }

  // ---- values files judged as they stand -----------------------------------------------------

  /** {@code image.ref} without a value, where no other file of the same name gives it. */
  private void emptyReferences() {
    Map<String, Set<String>> given = new HashMap<>();
    for (ValuesDocument document : scene.values()) {
      Nodes.eachMapping(
          document.root(),
          (path, mapping) -> {
            if (isImage(path) && Nodes.text(mapping, "ref") != null) {
              given.computeIfAbsent(base(document), _ -> new HashSet<>()).add(path);
            }
          });
    }
    for (ValuesDocument document : scene.values()) {
      Nodes.eachMapping(
          document.root(),
          (path, mapping) -> {
            boolean empty =
                isImage(path)
                    && mapping.get("ref") instanceof ScalarSite ref
                    && ref.isEmpty()
                    && mapping.entry("repository") == null
                    && !given.getOrDefault(base(document), Set.of()).contains(path);
            if (empty) {
              SourceMapping.Entry entry = Objects.requireNonNull(mapping.entry("ref"));
              verdicts.refuse(
                  new Finding(
                      Rule.IMAGE_MISSING,
                      document.origin().target(),
                      document.origin().file(),
                      entry.key().line(),
                      null,
                      null,
                      "%s.ref has no value".formatted(path),
                      Rule.IMAGE_MISSING.remedy()));
            }
          });
      pullPolicies(document);
    }
  }

  private void pullPolicies(ValuesDocument document) {
    String wanted = scene.spec().pullPolicy();
    if (wanted == null) {
      return;
    }
    Nodes.eachMapping(
        document.root(),
        (path, mapping) -> {
          for (String key : List.of("pullPolicy", "imagePullPolicy")) {
            boolean image =
                isImage(path) || mapping.entry("image") != null || key.equals("imagePullPolicy");
            if (image
                && mapping.get(key) instanceof ScalarSite policy
                && !policy.isEmpty()
                && !policy.value().equals(wanted)) {
              verdicts.refuse(
                  new Finding(
                      Rule.PULL_POLICY,
                      document.origin().target(),
                      document.origin().file(),
                      policy.line(),
                      null,
                      null,
                      "%s is %s; %s is asked"
                          .formatted(Nodes.join(path, key), policy.value(), wanted),
                      Rule.PULL_POLICY.remedy()));
            }
          }
        });
  }

  private static boolean isImage(String path) {
    String last = path.substring(path.lastIndexOf('.') + 1);
    return last.toLowerCase(Locale.ROOT).endsWith("image");
  }

  private static String base(ValuesDocument document) {
    String file = String.valueOf(document.origin().file());
    return document.origin().target() + ":" + file.substring(file.lastIndexOf('/') + 1);
  }

  // ---- between targets -----------------------------------------------------------------------

  private void targetsDiffer() {
    Map<Repository, Map<String, Map<Digest, ImageUse>>> all = new LinkedHashMap<>();
    for (ImageUse use : scene.images()) {
      if (use.reference().digest() != null && use.role() != ImageUse.Role.CHART) {
        all.computeIfAbsent(use.reference().repository(), _ -> new LinkedHashMap<>())
            .computeIfAbsent(use.target(), _ -> new LinkedHashMap<>())
            .putIfAbsent(use.reference().digest(), use);
      }
    }
    all.forEach(
        (repository, byTarget) -> {
          List<String> targets =
              scene.spec().targets().stream()
                  .map(Target::name)
                  .filter(byTarget::containsKey)
                  .toList();
          for (int i = 0; i < targets.size(); i++) {
            for (int j = i + 1; j < targets.size(); j++) {
              differ(
                  repository,
                  targets.get(i),
                  Objects.requireNonNull(byTarget.get(targets.get(i))),
                  targets.get(j),
                  Objects.requireNonNull(byTarget.get(targets.get(j))));
            }
          }
        });
  }

  private void differ(
      Repository repository,
      String first,
      Map<Digest, ImageUse> inFirst,
      String second,
      Map<Digest, ImageUse> inSecond) {
    List<Digest> onlyFirst =
        inFirst.keySet().stream().filter(d -> !inSecond.containsKey(d)).toList();
    List<Digest> onlySecond =
        inSecond.keySet().stream().filter(d -> !inFirst.containsKey(d)).toList();
    // Where one target runs one version more than the other, the shared ones agree.
    if (onlyFirst.isEmpty() || onlySecond.isEmpty()) {
      return;
    }
    verdicts.refuse(
        Rule.TARGETS_DIFFER,
        Objects.requireNonNull(inSecond.get(onlySecond.getFirst())),
        "%s is %s in %s and %s in %s"
            .formatted(repository, names(onlyFirst), first, names(onlySecond), second),
        Rule.TARGETS_DIFFER.remedy());
  }

  private static String names(List<Digest> digests) {
    return String.join(", ", digests.stream().map(Digest::toString).toList());
  }

  // ---- registries ----------------------------------------------------------------------------

  /** One image and who uses it. */
  private static final class Asked {
    private final List<ImageUse> uses = new ArrayList<>();
    private final Set<Platform> platforms = new LinkedHashSet<>();
  }

  private void registries() {
    Map<String, List<Platform>> platformsOf = new HashMap<>();
    for (Target target : scene.spec().targets()) {
      platformsOf.put(target.name(), target.platforms());
    }
    Map<ImageReference, Asked> all = new LinkedHashMap<>();
    Map<Repository, Set<Platform>> ofRepository = new HashMap<>();
    Map<Repository, Set<String>> targetsOf = new HashMap<>();
    for (ImageUse use : scene.images()) {
      boolean chart = use.role() == ImageUse.Role.CHART;
      if (chart && use.reference().tag() == null && use.reference().digest() == null) {
        continue;
      }
      Asked asked = all.computeIfAbsent(use.reference(), _ -> new Asked());
      asked.uses.add(use);
      if (!chart) {
        List<Platform> platforms = platformsOf.getOrDefault(use.target(), List.of());
        asked.platforms.addAll(platforms);
        ofRepository
            .computeIfAbsent(use.reference().repository(), _ -> new TreeSet<>())
            .addAll(platforms);
        targetsOf
            .computeIfAbsent(use.reference().repository(), _ -> new TreeSet<>())
            .add(use.target());
      }
    }
    List<Map.Entry<ImageReference, Asked>> entries = List.copyOf(all.entrySet());
    List<Inspection> inspections =
        Parallel.map(
            entries,
            entry -> inspector.inspect(entry.getKey(), List.copyOf(entry.getValue().platforms)));
    for (int i = 0; i < entries.size(); i++) {
      ImageReference image = entries.get(i).getKey();
      boolean shared =
          targetsOf.getOrDefault(image.repository(), Set.of()).size() > 1
              || ofRepository.getOrDefault(image.repository(), Set.of()).size() > 1;
      for (ImageUse use : entries.get(i).getValue().uses) {
        judged(use, inspections.get(i), platformsOf.getOrDefault(use.target(), List.of()), shared);
      }
    }
  }

  private void judged(ImageUse use, Inspection inspection, List<Platform> wanted, boolean shared) {
    ImageReference image = use.reference();
    switch (inspection) {
      case Absent _ ->
          verdicts.refuse(
              Rule.NOT_FOUND,
              use,
              "%s has no %s %s"
                  .formatted(
                      image.repository(),
                      image.digest() == null ? "tag" : "digest",
                      image.identifier()),
              image.digest() == null
                  ? "look at what there is: entrepot tags %s; push or mirror what is missing"
                      .formatted(image.repository())
                  : "pin a digest that exists: entrepot digest %s:TAG"
                      .formatted(image.repository()));
      case Unknown unknown -> unjudged(use, unknown.why());
      case Present present -> {
        if (use.role() != ImageUse.Role.CHART) {
          platforms(use, present, wanted, shared);
        }
      }
    }
  }

  private void unjudged(ImageUse use, String why) {
    String image = use.reference().toString();
    verdicts.leave(new Unjudged(Rule.NOT_FOUND, use.target(), image, why));
    if (use.role() != ImageUse.Role.CHART) {
      verdicts.leave(new Unjudged(Rule.PLATFORM_MISSING, use.target(), image, why));
      if (use.reference().digest() != null) {
        verdicts.leave(new Unjudged(Rule.NOT_A_LIST, use.target(), image, why));
      }
    }
  }

  private void platforms(ImageUse use, Present present, List<Platform> wanted, boolean shared) {
    ImageReference image = use.reference();
    if (present.kind() == Kind.ARTIFACT) {
      if (use.role() == ImageUse.Role.CONTAINER) {
        verdicts.refuse(
            Rule.PLATFORM_MISSING,
            use,
            "%s is an artifact (a chart, a signature), no image that runs".formatted(image),
            "name the image itself");
      }
      return;
    }
    if (present.kind() == Kind.SINGLE && image.digest() != null && shared) {
      List<Platform> there = present.platforms();
      verdicts.refuse(
          Rule.NOT_A_LIST,
          use,
          "%s is no manifest list but the manifest of %s"
              .formatted(
                  image, there.isEmpty() ? "another platform" : Inspector.names(there) + " alone"),
          Rule.NOT_A_LIST.remedy());
      return;
    }
    for (Platform platform : wanted) {
      String problem = present.problems().get(platform);
      if (problem != null) {
        verdicts.refuse(
            Rule.PLATFORM_MISSING,
            use,
            "%s cannot run on %s: %s".formatted(image, platform, problem),
            Rule.PLATFORM_MISSING.remedy());
      }
    }
  }
}
