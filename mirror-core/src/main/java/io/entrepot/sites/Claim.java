package io.entrepot.sites;

import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a format finds in a node.
 *
 * @param taken scalars, maps and items that are read and that nobody else shall read
 * @param dismissals what looks like an image and is none
 */
public record Claim(List<ImageSite> sites, List<SourceNode> taken, List<Dismissal> dismissals) {

  /** Nothing. */
  public static final Claim NONE = new Claim(List.of(), List.of(), List.of());

  /** Copies. */
  public Claim {
    sites = List.copyOf(sites);
    taken = List.copyOf(taken);
    dismissals = List.copyOf(dismissals);
  }

  /** One site; its segments' scalars are taken. */
  public static Claim of(ImageSite site) {
    return new Builder().site(site).build();
  }

  /** A node that holds no image and that nobody else shall read. */
  public static Claim taking(SourceNode node) {
    return new Claim(List.of(), List.of(node), List.of());
  }

  /** A scalar that is no image. */
  public static Claim dismissed(ScalarSite scalar, SitePath path, String why) {
    return new Claim(
        List.of(), List.of(scalar), List.of(new Dismissal(scalar.line(), path, why, scalar)));
  }

  /** Whether nothing at all is claimed. */
  public boolean isEmpty() {
    return sites.isEmpty() && taken.isEmpty() && dismissals.isEmpty();
  }

  /** Collects a claim of several parts. */
  public static final class Builder {

    private final List<ImageSite> sites = new ArrayList<>();
    private final List<SourceNode> taken = new ArrayList<>();
    private final List<Dismissal> dismissals = new ArrayList<>();

    /** Adds a site and takes the scalars of its own segments. */
    public Builder site(ImageSite site) {
      sites.add(site);
      return take(site.registry()).take(site.name()).take(site.tag()).take(site.digest());
    }

    /** Adds a site and takes nothing. */
    public Builder siteAlone(ImageSite site) {
      sites.add(site);
      return this;
    }

    /** Takes a segment's scalar, if there is one. */
    public Builder take(@Nullable Segment segment) {
      if (segment != null) {
        taken.add(segment.scalar());
      }
      return this;
    }

    /** Takes a node. */
    public Builder take(SourceNode node) {
      taken.add(node);
      return this;
    }

    /** Says that a segment is no image; its scalar is taken. */
    public Builder dismiss(Segment segment, SitePath path, String why) {
      dismissals.add(new Dismissal(segment.line(), path, why, segment.scalar()));
      return take(segment);
    }

    /** Says that a node which is no scalar holds no image. */
    public Builder dismiss(SourceNode node, SitePath path, String why) {
      dismissals.add(new Dismissal(node.line(), path, why, null));
      return this;
    }

    /** The claim. */
    public Claim build() {
      return sites.isEmpty() && taken.isEmpty() && dismissals.isEmpty()
          ? NONE
          : new Claim(sites, taken, dismissals);
    }
  }
}
