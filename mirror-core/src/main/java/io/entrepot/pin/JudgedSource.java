package io.entrepot.pin;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.ImageReference;
import io.entrepot.sites.Reading;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** Another source's answers, without what the policy does not admit. */
public final class JudgedSource implements PinSource {

  private static final int AT_ONCE = 16;

  private final PinSource source;
  private final PolicyFilter filter;

  /**
   * @param source is asked what a site is to become
   */
  public JudgedSource(PinSource source, PolicyFilter filter) {
    this.source = source;
    this.filter = filter;
  }

  @Override
  public boolean asks() {
    return source.asks();
  }

  @Override
  public Set<ImageReference> indexedCharts() {
    return source.indexedCharts();
  }

  @Override
  public void prepare(Collection<Reading> readings) {
    source.prepare(readings);
    if (asks()) {
      // What is found out about an image is kept; sites are planned one after the other.
      Parallel.map(new LinkedHashSet<>(readings), new Semaphore(AT_ONCE), this::resolve);
    }
  }

  @Override
  public Resolution resolve(Reading reading) {
    return filter.filtered(reading, source.resolve(reading));
  }
}
