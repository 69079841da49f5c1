package io.entrepot.gate;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Platform;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is known of an image. */
public sealed interface Inspection {

  /** It is certainly not there. */
  record Absent() implements Inspection {}

  /** Nobody could be asked. */
  record Unknown(String why) implements Inspection {}

  /**
   * It is there.
   *
   * @param platforms of those asked for, the ones that are really there
   * @param problems of those asked for, why they are not
   */
  record Present(
      Digest digest, Kind kind, List<Platform> platforms, SortedMap<Platform, String> problems)
      implements Inspection {

    /** Copies. */
    public Present {
      platforms = List.copyOf(platforms);
      problems = new TreeMap<>(problems);
    }

    /** Whether each of the platforms was asked for. */
    boolean answers(List<Platform> wanted) {
      return kind == Kind.ARTIFACT
          || wanted.stream().allMatch(p -> platforms.contains(p) || problems.containsKey(p));
    }
  }

  /** What lies under a digest. */
  enum Kind {
    /** A manifest list. */
    LIST,
    /** The manifest of one platform. */
    SINGLE,
    /** A chart, a signature or something else that does not run. */
    ARTIFACT
  }
}
