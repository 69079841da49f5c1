package io.entrepot.sites;

import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceSequence;

/**
 * One way in which people write images. A format reads the node that it is given, and what lies
 * around it as far as the context says; it keeps no state and calls no other format.
 *
 * <p>Maps and lists are offered to every format. A text is offered to one after the other until one
 * claims something.
 */
public interface Format {

  /** What the keys of a map say. */
  default Claim find(SourceMapping mapping, SiteContext context) {
    return Claim.NONE;
  }

  /** What the items of a list say together. */
  default Claim find(SourceSequence list, SiteContext context) {
    return Claim.NONE;
  }

  /** What a text says that no format took with the map or list around it. */
  default Claim find(ScalarSite text, SiteContext context) {
    return Claim.NONE;
  }
}
