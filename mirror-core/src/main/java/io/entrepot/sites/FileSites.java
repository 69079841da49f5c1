package io.entrepot.sites;

import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceAlias;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What a file holds.
 *
 * @param sites in the order of the file
 * @param aliases every alias of the file
 * @param definitions anchored scalars that stand where only anchors are kept
 */
public record FileSites(
    List<ImageSite> sites,
    List<Dismissal> dismissals,
    List<SourceAlias> aliases,
    Set<ScalarSite> definitions) {

  /** A file that holds none. */
  public static final FileSites NONE =
      new FileSites(
          List.of(), List.of(), List.of(), Collections.newSetFromMap(new IdentityHashMap<>()));
}
