package io.entrepot.render;

import io.entrepot.text.FilePosition;
import io.entrepot.yaml.SourceNode;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What became of entries.
 *
 * @param failures what cannot be rendered, as Argo CD or Flux would find out later
 * @param unrendered what was not tried
 * @param charts releases of charts that do not lie in the tree, rendered or not
 * @param deployers what asks Argo CD or Flux to deploy something, in files and in what was rendered
 * @param written what the files that were looked through for such objects hold
 */
public record Rendering(
    List<KubernetesObject> objects,
    List<ValuesDocument> values,
    List<Failure> failures,
    List<Unrendered> unrendered,
    List<RemoteChart> charts,
    List<Deployer> deployers,
    Set<Written> written) {

  /** Nothing. */
  public static final Rendering NONE =
      new Rendering(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), Set.of());

  /** Copies. */
  public Rendering {
    objects = List.copyOf(objects);
    values = List.copyOf(values);
    failures = List.copyOf(failures);
    unrendered = List.copyOf(unrendered);
    charts = List.copyOf(charts);
    deployers = List.copyOf(deployers);
    written = Set.copyOf(written);
  }

  /**
   * Whether every entry of a target was rendered, so that what is not there is known to be absent.
   */
  public boolean isComplete(String target) {
    return failures.stream().noneMatch(each -> each.target().equals(target))
        && unrendered.stream().noneMatch(each -> each.target().equals(target));
  }

  /**
   * A release of a chart that does not lie in the tree.
   *
   * @param rendered whether the chart was fetched and its objects are among the others
   */
  public record RemoteChart(String target, RenderEntry.Helm release, boolean rendered) {}

  /**
   * An Application, ApplicationSet, Kustomization or HelmRelease.
   *
   * @param file where it is written, or null where it was rendered
   * @param position of the object itself
   */
  public record Deployer(
      SourceNode document, @Nullable String file, FilePosition position, List<String> targets) {

    /** Copies. */
    public Deployer {
      targets = List.copyOf(targets);
    }
  }

  /** An object that stands in a file, whatever targets it belongs to. */
  public record Written(String kind, @Nullable String namespace, String name) {}

  /** Why something does not render, as far as rules tell the reasons apart. */
  public enum Reason {
    /** A chart asks for an image that no values give. */
    IMAGE_NOT_GIVEN,
    /** Anything else. */
    OTHER
  }

  /**
   * An entry that does not render.
   *
   * @param position with a file relative to the root of the tree; null where no file is concerned
   */
  public record Failure(
      String target,
      @Nullable FilePosition position,
      Reason reason,
      String message,
      String remedy) {

    /** A failure of no particular reason. */
    public static Failure of(
        String target, @Nullable FilePosition position, String message, String remedy) {
      return new Failure(target, position, Reason.OTHER, message, remedy);
    }
  }

  /** Why an entry was not rendered. */
  public enum Cause {
    /** What it needs lies in another repository. */
    FOREIGN,
    /** Flux is told not to apply it. */
    SUSPENDED,
    /** Anything else. */
    OTHER
  }

  /**
   * An entry that needs what is not in the tree.
   *
   * @param what the entry's name
   * @param position where it is written, or null
   * @param why and what would make it possible
   * @param cause as far as rules tell causes apart
   */
  public record Unrendered(
      String target, String what, @Nullable FilePosition position, String why, Cause cause) {

    /** An entry that needs no other repository, but what only a cluster or a reader can tell. */
    public Unrendered(String target, String what, @Nullable FilePosition position, String why) {
      this(target, what, position, why, Cause.OTHER);
    }

    /** Whether what it needs lies in another repository. */
    public boolean foreign() {
      return cause == Cause.FOREIGN;
    }

    /** Whether it may bring what is missing elsewhere; what is suspended brings nothing new. */
    public boolean brings() {
      return cause != Cause.SUSPENDED;
    }
  }
}
