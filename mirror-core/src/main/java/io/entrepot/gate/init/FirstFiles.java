package io.entrepot.gate.init;

import io.entrepot.concurrent.Parallel;
import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.RenderedCluster;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RegistryClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes a first {@code mirror.yaml} and {@code check.yaml}. Blocks; writes nothing. */
public final class FirstFiles {

  private static final int AT_ONCE = 16;

  /** Registries in which an account is the first part of a path, not the registry itself. */
  private static final Set<String> SHARED_REGISTRIES =
      Set.of(
          "docker.io",
          "ghcr.io",
          "quay.io",
          "gcr.io",
          "registry.gitlab.com",
          "public.ecr.aws",
          "codeberg.org");

  private final InitRequest request;
  private final Supplier<RegistryClient> registries;

  /**
   * @param registries asked for once, and only where a registry must be asked; the caller closes
   *     what it gives
   */
  public FirstFiles(InitRequest request, Supplier<RegistryClient> registries) {
    this.request = request;
    this.registries = registries;
  }

  /** Looks through the tree and the lists of pods, and asks registries. */
  public InitReport make() {
    DeployedTree tree = DeployedTree.of(request);
    List<String> firstParty = firstParty();
    FoundImages found =
        new FoundImages(request.root(), request.target(), firstParty, request.lock());
    for (RenderedCluster cluster : tree.rendered()) {
      found.add(cluster);
    }
    request.pods().forEach(found::add);
    List<FoundImage> images = found.images();
    Map<ImageReference, ImageFacts> facts = facts(images);
    List<Platform> platforms = platforms();
    List<WrittenImage> written = written(images, facts, platforms);
    MirrorText text =
        new MirrorText(
            request.target(), platforms, request.registries(), written, found, firstParty);
    return report(
        found,
        written,
        facts,
        platforms,
        text.write(),
        checkText(tree, found, written, firstParty));
  }

  private @Nullable String checkText(
      DeployedTree tree, FoundImages found, List<WrittenImage> written, List<String> firstParty) {
    return request.spec() != null
        ? null
        : CheckText.of(tree, found.firstParty().isEmpty() ? List.of() : firstParty, written);
  }

  /** What is built here: as said, as check.yaml says, else what the target's owner has. */
  private List<String> firstParty() {
    CheckSpec spec = request.spec();
    if (!request.firstParty().isEmpty()) {
      return request.firstParty();
    }
    if (spec != null && !spec.firstParty().isEmpty()) {
      return spec.firstParty();
    }
    Repository target = request.target();
    String path = target.path();
    int slash = path.indexOf('/');
    String registry = target.registry().value();
    if (slash < 0 && !SHARED_REGISTRIES.contains(registry)) {
      return List.of(registry + "/*");
    }
    return List.of(registry + "/" + (slash < 0 ? path : path.substring(0, slash)) + "/*");
  }

  /** What every image must have: what the targets are. */
  private List<Platform> platforms() {
    CheckSpec spec = request.spec() == null ? CheckSpec.withoutFile() : request.spec();
    Set<Platform> platforms = new LinkedHashSet<>();
    spec.targets().forEach(target -> platforms.addAll(target.platforms()));
    return platforms.stream().sorted().toList();
  }

  private Map<ImageReference, ImageFacts> facts(List<FoundImage> images) {
    Map<ImageReference, ImageFacts> facts = new LinkedHashMap<>();
    if (request.offline() || images.isEmpty()) {
      images.forEach(image -> facts.put(image.reference(), ImageFacts.unasked()));
      return facts;
    }
    ImageQuestions questions = new ImageQuestions(registries.get(), request.sizes());
    List<ImageFacts> answers =
        Parallel.map(images, new Semaphore(AT_ONCE), image -> questions.ask(image.reference()));
    for (int i = 0; i < images.size(); i++) {
      facts.put(images.get(i).reference(), answers.get(i));
    }
    return facts;
  }

  private List<WrittenImage> written(
      List<FoundImage> images, Map<ImageReference, ImageFacts> facts, List<Platform> platforms) {
    List<FoundImage> kept = withoutTwins(images, facts);
    CopyNames names =
        new CopyNames(request.target(), kept.stream().map(FoundImage::reference).toList());
    List<WrittenImage> written = new ArrayList<>();
    for (FoundImage image : kept) {
      ImageReference source = image.reference();
      Judgement judged = Judgement.of(facts.getOrDefault(source, ImageFacts.unasked()), platforms);
      String problem = judged.problem();
      ImageReference explicit = null;
      String as = null;
      try {
        names.copy(source.repository());
        explicit = names.explicit(source);
        as = names.as(source.repository());
      } catch (MalformedException e) {
        problem = "it has no name below the target: " + e.getMessage();
      }
      written.add(
          new WrittenImage(
              image,
              source,
              judged.artifact(),
              explicit == null ? as : null,
              explicit,
              problem,
              judged.waiver()));
    }
    return written;
  }

  /** Leaves out digests that a tag of the same repository means just now. */
  private static List<FoundImage> withoutTwins(
      List<FoundImage> images, Map<ImageReference, ImageFacts> facts) {
    Map<Repository, Set<Digest>> tagged = new HashMap<>();
    for (FoundImage image : images) {
      ImageFacts known = facts.get(image.reference());
      if (image.reference().digest() == null && known != null && known.digest() != null) {
        tagged
            .computeIfAbsent(image.reference().repository(), _ -> new HashSet<>())
            .add(known.digest());
      }
    }
    List<FoundImage> kept = new ArrayList<>();
    Set<ImageReference> pinned = new HashSet<>();
    for (FoundImage image : images) {
      Digest digest = image.reference().digest();
      boolean twin =
          digest != null
              && (tagged.getOrDefault(image.reference().repository(), Set.of()).contains(digest)
                  || !pinned.add(image.reference().pinnedTo(digest)));
      if (!twin) {
        kept.add(image);
      }
    }
    return kept;
  }

  private InitReport report(
      FoundImages found,
      List<WrittenImage> written,
      Map<ImageReference, ImageFacts> facts,
      List<Platform> platforms,
      String mirror,
      @Nullable String check) {
    List<InitReport.Image> images = new ArrayList<>();
    SortedMap<String, Integer> hosts = new TreeMap<>();
    Map<Digest, Long> bytes = new HashMap<>();
    Set<Digest> counted = new HashSet<>();
    long pulls = 0;
    for (WrittenImage each : written) {
      images.add(new InitReport.Image(each.source().toString(), each.problem()));
      hosts.merge(each.source().registry().value(), 1, Integer::sum);
      ImageFacts known = facts.getOrDefault(each.source(), ImageFacts.unasked());
      bytes.putAll(known.bytes());
      if (counts(each.source().registry())
          && !known.gone()
          && (known.digest() == null || counted.add(known.digest()))) {
        pulls += known.manifests() == 0 ? 1 + platforms.size() : known.manifests();
      }
    }
    for (FoundImage each : found.inside()) {
      images.add(new InitReport.Image(each.reference().toString(), MirrorText.INSIDE));
    }
    return new InitReport(
        images,
        found.charts().stream().map(FirstFiles::chart).toList(),
        found.firstParty().stream().map(each -> each.reference().toString()).toList(),
        found.unsure(),
        found.unread(),
        hosts,
        pulls,
        bytes.values().stream().mapToLong(Long::longValue).sum(),
        request.sizes() && !request.offline(),
        mirror,
        check);
  }

  private static InitReport.Chart chart(FoundChart chart) {
    return new InitReport.Chart(
        chart.chart(),
        chart.repository(),
        chart.version(),
        chart.isUnrendered()
            ? "it was not rendered: images that its templates name are not known"
            : null);
  }

  /** Whether pulls from a registry are counted, as far as that is known. */
  private boolean counts(RegistryName registry) {
    return registry.equals(RegistryName.DOCKER_HUB)
        || (!request.offline() && registries.get().rateLimit(registry).isPresent());
  }
}
