package io.entrepot.pin;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.render.RenderTools;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import io.entrepot.text.Glob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Moves first-party images to what their channel's tag means now. Waits. */
public final class Bumper {

  private static final int AT_ONCE = 16;

  private final PinRules rules;
  private final RegistryClient client;
  private final Tag channel;
  private final List<Glob> globs;
  private final PlatformCheck platforms;
  private final PolicyFilter filter;
  private final @Nullable RenderTools tools;

  /**
   * @param channel the tag that is asked of each repository
   * @param globs which repositories, canonically named; {@code *} stays within a part of the path
   * @param platforms asked of each new digest
   * @param filter what a new digest has to pass, too
   * @param tools prove the whole plan, or null
   */
  public Bumper(
      PinRules rules,
      RegistryClient client,
      Tag channel,
      Collection<Glob> globs,
      PlatformCheck platforms,
      PolicyFilter filter,
      @Nullable RenderTools tools) {
    this.rules = rules.withFloating(rules.floating().and(channel));
    this.client = client;
    this.channel = channel;
    this.globs = List.copyOf(globs);
    this.platforms = platforms;
    this.filter = filter;
    this.tools = tools;
  }

  /**
   * What a bump does.
   *
   * @param idle the patterns that fit no image of the files, as they were written
   */
  public record Bump(PinPlan plan, List<String> idle) {

    /** Copies. */
    public Bump {
      idle = List.copyOf(idle);
    }
  }

  /**
   * What happens to every YAML file below the given paths.
   *
   * @throws IOException if a file cannot be read
   */
  public Bump bump(List<Path> paths, List<Path> untouched) throws IOException {
    List<ScannedFile> files = Pinner.scan(paths, untouched, rules);
    Set<ImageReference> wanted = new HashSet<>();
    for (ScannedFile file : files) {
      for (ImageSite site : file.found().sites()) {
        channelOf(site).ifPresent(wanted::add);
      }
    }
    Map<ImageReference, Resolution> answers = ask(wanted);
    SiteWriter writer = new SiteWriter(rules.floating(), rules.sites());
    Chooser chooser = (file, site) -> channelOf(site).map(answers::get).orElseGet(() -> open(site));
    List<FilePlan> plans =
        files.stream()
            .map(file -> new FileEditor(writer, file).plan(site -> chooser.of(file, site)))
            .toList();
    Map<Path, ScannedFile> byPath = new HashMap<>();
    files.forEach(file -> byPath.put(file.path(), file));
    PinPlan plan =
        TreeProof.of(
            plans,
            tools,
            WholeTree.around(paths),
            new ImageChange(before -> channelOf(before).map(answers::get).stream().toList(), true),
            new Replanner(
                rules,
                each -> Objects.requireNonNull(byPath.get(each.path())),
                chooser,
                tools == null ? null : RenderProof.with(tools)));
    return new Bump(plan, idle(files));
  }

  private List<String> idle(List<ScannedFile> files) {
    Set<String> repositories = new HashSet<>();
    for (ScannedFile file : files) {
      for (ImageSite site : file.found().sites()) {
        repository(site.reading()).map(Repository::toString).ifPresent(repositories::add);
      }
    }
    return globs.stream()
        .filter(glob -> repositories.stream().noneMatch(glob::matches))
        .map(Glob::toString)
        .toList();
  }

  private static Optional<Repository> repository(Reading reading) {
    return switch (reading) {
      case Reading.Image image -> Optional.of(image.reference().repository());
      case Reading.Unclear unclear ->
          ImageWords.reference(unclear.written()).map(ImageReference::repository);
      case Reading.Chart _, Reading.ChartRegistry _ -> Optional.empty();
    };
  }

  /** The repository of a first-party image. */
  private Optional<Repository> ours(Reading reading) {
    return repository(reading)
        .filter(found -> globs.stream().anyMatch(glob -> glob.matches(found.toString())));
  }

  private Optional<ImageReference> channelOf(ImageSite site) {
    return channelOf(site.reading());
  }

  private Optional<ImageReference> channelOf(Reading reading) {
    return reading instanceof Reading.Image
        ? ours(reading).map(repository -> repository.tagged(channel))
        : Optional.empty();
  }

  /** A first-party image that says nothing of its version: it is named, or null for other sites. */
  private @Nullable Resolution open(ImageSite site) {
    boolean open =
        site.reading() instanceof Reading.Unclear unclear
            && unclear.reason() == LeftReason.EMPTY_TAG
            && ours(site.reading()).isPresent();
    return open
        ? new Resolution.Missing(
            LeftReason.EMPTY_TAG,
            "neither a tag nor a digest stands here that could move; write '%s' once"
                .formatted(channel))
        : null;
  }

  private Map<ImageReference, Resolution> ask(Set<ImageReference> wanted) {
    List<ImageReference> references = List.copyOf(wanted);
    List<Resolution> resolutions =
        Parallel.map(references, new Semaphore(AT_ONCE), reference -> ask(reference));
    Map<ImageReference, Resolution> answers = new HashMap<>();
    for (int i = 0; i < references.size(); i++) {
      answers.put(references.get(i), resolutions.get(i));
    }
    return answers;
  }

  private Resolution ask(ImageReference reference) {
    try {
      Optional<Descriptor> found = client.find(reference).await();
      if (found.isEmpty()) {
        return new Resolution.Missing(
            LeftReason.UNRESOLVED,
            "%s has no tag '%s'; push it, or leave the repository out of --match"
                .formatted(reference.repository(), channel));
      }
      Optional<String> problem = platforms.problem(reference, found.get().digest());
      return problem
          .<Resolution>map(why -> new Resolution.Missing(LeftReason.UNRESOLVED, why))
          .orElseGet(
              () ->
                  filter.filtered(
                      new Resolution.Pinned(
                          reference.repository(), channel, found.get().digest(), "")));
    } catch (RegistryException e) {
      return RegistrySource.failed(e);
    }
  }
}
