package io.entrepot.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What Argo CD and Flux lay over a kustomization, written as one. */
final class KustomizeOverlay {

  private KustomizeOverlay() {}

  /**
   * A kustomization of these fields as JSON, or null where there are none. Argo CD writes images as
   * one text each.
   */
  static @Nullable String of(Map<String, @Nullable Object> given) {
    if (given.isEmpty()) {
      return null;
    }
    Map<String, @Nullable Object> overlay = new LinkedHashMap<>(given);
    List<@Nullable Object> images = new ArrayList<>();
    for (Object image : Plain.list(given, "images")) {
      images.add(image instanceof String text ? image(text) : image);
    }
    if (!images.isEmpty()) {
      overlay.put("images", images);
    }
    return JsonMapper.shared().writeValueAsString(overlay);
  }

  /**
   * A kustomization of resources and components with an overlay over them.
   *
   * @param overlay as JSON, or null
   */
  static String over(List<String> resources, List<String> components, @Nullable String overlay) {
    JsonMapper json = JsonMapper.shared();
    String own =
        "\"resources\":%s,\"components\":%s"
            .formatted(json.writeValueAsString(resources), json.writeValueAsString(components));
    String rest = overlay == null ? "" : overlay.strip().substring(1, overlay.strip().length() - 1);
    return rest.isBlank() ? "{%s}".formatted(own) : "{%s,%s}".formatted(own, rest);
  }

  /** {@code [old=]new[:tag][@digest]} as an entry of a kustomization. */
  private static Map<String, @Nullable Object> image(String text) {
    int equals = text.indexOf('=');
    String rest = text.substring(equals + 1);
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    int at = rest.indexOf('@');
    if (at >= 0) {
      entry.put("digest", rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      // Beside a digest kustomize takes no tag.
      if (at < 0) {
        entry.put("newTag", rest.substring(colon + 1));
      }
      rest = rest.substring(0, colon);
    }
    entry.put("name", equals < 0 ? rest : text.substring(0, equals));
    if (equals >= 0) {
      entry.put("newName", rest);
    }
    return entry;
  }
}
