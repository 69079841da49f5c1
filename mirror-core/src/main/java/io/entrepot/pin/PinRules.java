package io.entrepot.pin;

import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.ImagePattern;
import io.entrepot.sites.SiteRule;
import io.entrepot.text.Glob;
import java.util.List;

/**
 * What {@code pin.yaml} may say, besides where the lock is.
 *
 * @param include globs of paths below a directory that is given; empty for every YAML file
 * @param exclude globs of paths that are left out
 * @param floating tags that say nothing beside a digest
 * @param sites places that no convention covers
 * @param firstParty images that are built here and so are in no mirror
 */
public record PinRules(
    List<Glob> include,
    List<Glob> exclude,
    FloatingTags floating,
    List<SiteRule> sites,
    List<ImagePattern> firstParty) {

  /** What holds without a {@code pin.yaml}. */
  public static final PinRules DEFAULT =
      new PinRules(List.of(), List.of(), FloatingTags.DEFAULT, List.of());

  /** Copies. */
  public PinRules {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
    sites = List.copyOf(sites);
    firstParty = List.copyOf(firstParty);
  }

  /** Rules that know of no image that is built here. */
  public PinRules(
      List<Glob> include, List<Glob> exclude, FloatingTags floating, List<SiteRule> sites) {
    this(include, exclude, floating, sites, List.of());
  }

  /** The same with other floating tags. */
  PinRules withFloating(FloatingTags tags) {
    return new PinRules(include, exclude, tags, sites, firstParty);
  }

  /** The same with other images that are built here. */
  public PinRules withFirstParty(List<ImagePattern> patterns) {
    return new PinRules(include, exclude, floating, sites, patterns);
  }
}
