package io.entrepot.gate;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Tag;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.Origin;
import io.entrepot.render.Rendering;
import io.entrepot.render.Sources;
import io.entrepot.render.ValuesDocument;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Reading;
import io.entrepot.sites.format.ImageSites;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that was rendered, and what the rules look at in it.
 *
 * @param rendering what was rendered, what could not be and what was not
 * @param images in the order of the objects
 * @param unclear what names images without saying which
 * @param index of the objects by name
 * @param kustomized which files are parts of others
 * @param partial whether files were given that are judged as they stand: what they do not have may
 *     be elsewhere
 */
public record RenderedCluster(
    CheckSpec spec,
    Rendering rendering,
    List<Pod> pods,
    List<ImageUse> images,
    List<UnclearImage> unclear,
    ObjectIndex index,
    Kustomized kustomized,
    boolean partial,
    Locator locator) {

  private static final int BATCH = 64;

  /** Kinds whose images nothing pulls, or that hold text about images only. */
  private static final Set<String> NO_IMAGES =
      Set.of(
          "CustomResourceDefinition",
          "Secret",
          "SealedSecret",
          "ExternalSecret",
          "Service",
          "ServiceAccount",
          "Role",
          "RoleBinding",
          "ClusterRole",
          "ClusterRoleBinding",
          "Namespace",
          "NetworkPolicy",
          "Ingress",
          "PersistentVolumeClaim",
          "PodDisruptionBudget",
          "HorizontalPodAutoscaler");

  private record Part(List<Pod> pods, List<ImageUse> images, List<UnclearImage> unclear) {}

  static RenderedCluster of(CheckSpec spec, Rendering rendering, Sources sources, boolean partial) {
    Locator locator = new Locator(sources);
    List<List<KubernetesObject>> batches = new ArrayList<>();
    List<KubernetesObject> objects = rendering.objects();
    for (int i = 0; i < objects.size(); i += BATCH) {
      batches.add(objects.subList(i, Math.min(objects.size(), i + BATCH)));
    }
    List<Pod> pods = new ArrayList<>();
    List<ImageUse> images = new ArrayList<>();
    List<UnclearImage> unclear = new ArrayList<>();
    for (Part part : Parallel.map(batches, batch -> part(spec, !partial, batch, locator))) {
      pods.addAll(part.pods());
      images.addAll(part.images());
      unclear.addAll(part.unclear());
    }
    for (ValuesDocument document : rendering.values()) {
      values(document, images, unclear);
    }
    Kustomized kustomized = Kustomized.of(rendering);
    return new RenderedCluster(
        spec,
        rendering,
        pods,
        images,
        unclear,
        ObjectIndex.of(
            objects.stream().filter(each -> !kustomized.isPatch(each)).toList(), spec.provided()),
        kustomized,
        partial,
        locator);
  }

  /** All objects of all targets. */
  public List<KubernetesObject> objects() {
    return rendering.objects();
  }

  /** All objects of all targets, without patches: parts of objects that stand in files. */
  public List<KubernetesObject> wholeObjects() {
    return objects().stream().filter(each -> !kustomized.isPatch(each)).toList();
  }

  /** Whether the object is a base or a patch that kustomize would put together with others. */
  public boolean isPartOfKustomization(KubernetesObject object) {
    return kustomized.isPart(object);
  }

  /** The pods of whole objects. */
  public List<Pod> wholePods() {
    return pods.stream().filter(each -> !kustomized.isPatch(each.object())).toList();
  }

  /** Documents that are no objects, judged as they stand. */
  public List<ValuesDocument> values() {
    return rendering.values();
  }

  /**
   * What of a target was not rendered, so that what the target lacks may be there all the same;
   * nothing where all of it was rendered.
   */
  public Optional<String> unseen(String target) {
    List<String> names =
        Stream.concat(
                rendering.unrendered().stream()
                    .filter(each -> each.target().equals(target) && each.brings())
                    .map(Rendering.Unrendered::what),
                rendering.failures().stream()
                    .filter(each -> each.target().equals(target))
                    .map(
                        each ->
                            String.valueOf(each.position() == null ? "an entry" : each.position())))
            .distinct()
            .sorted()
            .toList();
    if (names.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "it may be in what is not rendered: %s%s"
            .formatted(
                names.getFirst(),
                names.size() == 1 ? "" : " and %d more".formatted(names.size() - 1)));
  }

  private static Part part(
      CheckSpec spec, boolean followed, List<KubernetesObject> objects, Locator locator) {
    List<Pod> pods = new ArrayList<>();
    List<ImageUse> images = new ArrayList<>();
    List<UnclearImage> unclear = new ArrayList<>();
    for (KubernetesObject object : objects) {
      Set<String> known = new HashSet<>();
      List<Pod> own = Pod.of(object);
      pods.addAll(own);
      for (Pod pod : own) {
        NodeDemands demands = NodeDemands.of(pod.spec());
        for (Pod.Container container : pod.containers()) {
          known.add(container.path() + ".image");
          SourceNode node = Nodes.at(container.node(), "image");
          String written = Nodes.text(container.node(), "image");
          if (node != null && written != null && ImageUse.reference(written).isEmpty()) {
            unclear.add(
                UnclearImage.of(object, node.line(), written, "not an image's name", locator));
          }
          ImageUse.reference(written)
              .filter(reference -> node != null)
              .ifPresent(
                  reference ->
                      images.add(
                          use(object, Objects.requireNonNull(node), reference, demands, locator)));
        }
        for (SourceMapping volume : Nodes.mappings(pod.spec(), "volumes")) {
          SourceNode node = Nodes.at(volume, "image", "reference");
          if (node != null) {
            ImageUse.reference(Nodes.text(volume, "image", "reference"))
                .ifPresent(reference -> images.add(use(object, node, reference, demands, locator)));
          }
        }
      }
      if (!NO_IMAGES.contains(object.kind()) && !isExpanded(spec, followed, object)) {
        sites(object, known, images, unclear, locator);
      }
    }
    return new Part(pods, images, unclear);
  }

  /**
   * Whether the object's values were rendered, so that its images are judged there.
   *
   * @param followed whether what rendered objects ask to deploy was rendered
   */
  private static boolean isExpanded(CheckSpec spec, boolean followed, KubernetesObject object) {
    return switch (object.kind()) {
      case "Application", "ApplicationSet" ->
          (followed || !spec.argocd().isEmpty()) && object.group().equals("argoproj.io");
      case "HelmRelease" ->
          (followed || !spec.flux().isEmpty())
              && "GitRepository"
                  .equals(Nodes.text(object.root(), "spec", "chart", "spec", "sourceRef", "kind"));
      default -> false;
    };
  }

  private static void sites(
      KubernetesObject object,
      Set<String> known,
      List<ImageUse> images,
      List<UnclearImage> unclear,
      Locator locator) {
    String file = object.origin().standing() ? object.origin().file() : null;
    for (ImageSite site : ImageSites.of(fileName(file), object.root())) {
      if (known.contains(site.path())) {
        continue;
      }
      switch (site.reading()) {
        case Reading.Image image ->
            images.add(use(object, site, image.reference(), ImageUse.Role.FIELD, locator));
        case Reading.Chart chart ->
            chartReference(chart)
                .ifPresent(
                    reference ->
                        images.add(use(object, site, reference, ImageUse.Role.CHART, locator)));
        case Reading.Unclear vague when UnclearImage.counts(vague) ->
            unclear.add(
                UnclearImage.of(object, site.line(), vague.written(), vague.message(), locator));
        case Reading.ChartRegistry _, Reading.Unclear _ -> {}
      }
    }
  }

  private static Optional<ImageReference> chartReference(Reading.Chart chart) {
    try {
      Tag tag = chart.version() == null ? null : new Tag(chart.version().replace('+', '_'));
      return Optional.of(new ImageReference(chart.repository(), tag, chart.digest()));
    } catch (MalformedException e) {
      // A range of versions names no one chart, but its registry is known.
      return Optional.of(new ImageReference(chart.repository(), null, chart.digest()));
    }
  }

  private static void values(
      ValuesDocument document, List<ImageUse> images, List<UnclearImage> unclear) {
    Origin origin = document.origin();
    for (ImageSite site : ImageSites.of(fileName(origin.file()), document.root())) {
      FilePosition position =
          origin.file() == null ? null : FilePosition.of(origin.file(), site.line());
      switch (site.reading()) {
        case Reading.Image image ->
            images.add(
                new ImageUse(
                    origin.target(),
                    null,
                    image.reference(),
                    ImageUse.Role.FIELD,
                    null,
                    () -> position));
        case Reading.Chart chart ->
            chartReference(chart)
                .ifPresent(
                    reference ->
                        images.add(
                            new ImageUse(
                                origin.target(),
                                null,
                                reference,
                                ImageUse.Role.CHART,
                                null,
                                () -> position)));
        case Reading.Unclear vague when UnclearImage.counts(vague) ->
            unclear.add(
                new UnclearImage(
                    origin.target(), vague.written(), vague.message(), () -> position));
        case Reading.ChartRegistry _, Reading.Unclear _ -> {}
      }
    }
  }

  private static ImageUse use(
      KubernetesObject object,
      SourceNode node,
      ImageReference reference,
      NodeDemands demands,
      Locator locator) {
    Supplier<@Nullable FilePosition> position =
        () -> locator.of(object, node, Locator.texts(reference));
    return new ImageUse(
        object.origin().target(), object, reference, ImageUse.Role.CONTAINER, demands, position);
  }

  private static ImageUse use(
      KubernetesObject object,
      ImageSite site,
      ImageReference reference,
      ImageUse.Role role,
      Locator locator) {
    Supplier<@Nullable FilePosition> position =
        () -> locator.line(object, site.line(), Locator.texts(reference));
    return new ImageUse(object.origin().target(), object, reference, role, null, position);
  }

  private static String fileName(@Nullable String file) {
    return file == null ? "" : file.substring(file.lastIndexOf('/') + 1);
  }
}
