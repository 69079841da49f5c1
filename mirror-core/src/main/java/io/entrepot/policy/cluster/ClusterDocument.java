package io.entrepot.policy.cluster;

import java.util.List;

/**
 * What a cluster is given.
 *
 * @param text complete, with its comments
 * @param notes what it does not do, and what else is needed
 */
public record ClusterDocument(String text, List<String> notes) {

  /** Copies the list. */
  public ClusterDocument {
    notes = List.copyOf(notes);
  }
}
