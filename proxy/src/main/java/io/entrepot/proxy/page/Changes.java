package io.entrepot.proxy.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Which parts of the page have changed since the last look. Looks at memory only. */
public final class Changes {

  private final Sources sources;
  private Map<String, Integer> before = Map.of();

  /** Nothing has changed yet. */
  public Changes(Sources sources) {
    this.sources = sources;
  }

  /** Parts that are not as they were at the last look: overview, upstreams, fills, images. */
  public synchronized List<String> look() {
    Map<String, Integer> now = new LinkedHashMap<>();
    Overview overview = Overview.of(sources);
    List<UpstreamState> upstreams = UpstreamState.all(sources);
    List<Fill> fills = Fill.all(sources, name -> true);
    now.put("overview", Objects.hash(overview, upstreams, fills));
    now.put("upstreams", upstreams.hashCode());
    now.put("fills", fills.hashCode());
    now.put("images", overview.store().contents());
    List<String> changed = new ArrayList<>();
    now.forEach(
        (name, state) -> {
          if (!state.equals(before.getOrDefault(name, state))) {
            changed.add(name);
          }
        });
    before = now;
    return changed;
  }
}
