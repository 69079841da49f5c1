package io.entrepot.gate;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Upstream;
import io.entrepot.render.RenderTools;
import io.entrepot.sites.FloatingTags;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code check.yaml} asks. Paths and globs are relative to the root of the tree.
 *
 * @param targets at least one, in the file's order
 * @param argocd globs of files with Argo CD Applications and ApplicationSets
 * @param flux globs of files with Flux Kustomizations and HelmReleases
 * @param lock the lock file, or null where none is named: then no image is asked to be mirrored
 * @param schemas directories of JSON Schemas, named as kubeconform names them
 * @param pullPolicy what every container's must be, or null where none is asked
 * @param privateImages patterns of registries and repositories whose pods need a pull secret;
 *     {@code *} stands for any characters
 * @param firstParty patterns of images that are built here and therefore not asked to be mirrored
 * @param provided objects that something outside of the tree makes
 * @param severity of rules by their names; the others are errors
 * @param baseline a saved report in JSON, whose findings are known; or null
 * @param sources local checkouts of other repositories, by their addresses
 * @param registries those that are configured
 */
public record CheckSpec(
    List<Target> targets,
    List<String> argocd,
    List<String> flux,
    @Nullable String lock,
    List<String> schemas,
    @Nullable String pullPolicy,
    List<String> privateImages,
    List<String> firstParty,
    FloatingTags floatingTags,
    List<Waiver> allow,
    List<Provided> provided,
    Map<String, Severity> severity,
    @Nullable String baseline,
    SortedMap<String, Path> sources,
    RenderTools tools,
    SortedMap<RegistryName, Upstream> registries) {

  /** The name of the target where no configuration names one. */
  public static final String DEFAULT_TARGET = "default";

  /** Copies and checks. */
  public CheckSpec {
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("no target");
    }
    targets = List.copyOf(targets);
    argocd = List.copyOf(argocd);
    flux = List.copyOf(flux);
    schemas = List.copyOf(schemas);
    privateImages = List.copyOf(privateImages);
    firstParty = List.copyOf(firstParty);
    allow = List.copyOf(allow);
    provided = List.copyOf(provided);
    severity = Map.copyOf(severity);
    sources = Collections.unmodifiableSortedMap(new TreeMap<>(sources));
    registries = Collections.unmodifiableSortedMap(new TreeMap<>(registries));
  }

  /** What is asked where there is no file: one target with amd64 and arm64. */
  public static CheckSpec withoutFile() {
    return of(List.of(Target.usual(DEFAULT_TARGET, List.of())), List.of(), List.of());
  }

  /** What is asked of these targets where there is no file. */
  public static CheckSpec of(List<Target> targets, List<String> argocd, List<String> flux) {
    return new CheckSpec(
        targets,
        argocd,
        flux,
        null,
        List.of(),
        null,
        List.of(),
        List.of(),
        FloatingTags.DEFAULT,
        List.of(),
        List.of(),
        Map.of(),
        null,
        new TreeMap<>(),
        RenderTools.DEFAULTS,
        new TreeMap<>());
  }

  /** How much findings of a rule weigh. */
  public Severity severityOf(Rule rule) {
    return severity.getOrDefault(rule.id(), Severity.ERROR);
  }

  /** The same with another lock file. */
  public CheckSpec withLock(@Nullable String file) {
    return new CheckSpec(
        targets,
        argocd,
        flux,
        file,
        schemas,
        pullPolicy,
        privateImages,
        firstParty,
        floatingTags,
        allow,
        provided,
        severity,
        baseline,
        sources,
        tools,
        registries);
  }
}
