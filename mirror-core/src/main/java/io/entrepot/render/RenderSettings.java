package io.entrepot.render;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a tree is rendered.
 *
 * @param online whether charts and bases may be fetched
 * @param argocd globs of files with Applications and ApplicationSets
 * @param flux globs of files with Kustomizations and HelmReleases
 * @param follow whether what rendered objects ask Argo CD and Flux to deploy is rendered too
 * @param remotes addresses of the tree's own repository, empty where they are not known
 * @param checkouts where other repositories lie, by address
 */
public record RenderSettings(
    RenderTools tools,
    boolean online,
    List<String> argocd,
    List<String> flux,
    boolean follow,
    Set<String> remotes,
    SortedMap<String, Path> checkouts) {

  /** Copies. */
  public RenderSettings {
    argocd = List.copyOf(argocd);
    flux = List.copyOf(flux);
    remotes = Set.copyOf(remotes);
    checkouts = Collections.unmodifiableSortedMap(new TreeMap<>(checkouts));
  }

  /** What the entries name and what they lead to, nothing fetched. */
  public static RenderSettings offline(RenderTools tools) {
    return new RenderSettings(tools, false, List.of(), List.of(), true, Set.of(), new TreeMap<>());
  }
}
