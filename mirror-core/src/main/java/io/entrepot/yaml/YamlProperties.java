package io.entrepot.yaml;

import io.entrepot.yaml.YamlNode.Property;
import java.util.Map;
import java.util.Optional;

/** The properties of one mapping. */
public final class YamlProperties {

  private final YamlValue owner;
  private final Map<String, Property> properties;
  private final boolean readable;

  YamlProperties(YamlValue owner, Map<String, Property> properties, boolean readable) {
    this.owner = owner;
    this.properties = properties;
    this.readable = readable;
  }

  /** The mapping itself. */
  public YamlValue owner() {
    return owner;
  }

  /** Whether the key is there, whatever its value. */
  public boolean has(String key) {
    return properties.containsKey(key);
  }

  /** A property that may be missing. */
  public Optional<YamlValue> find(String key) {
    return Optional.ofNullable(properties.get(key))
        .map(property -> owner.at(key, property.value()));
  }

  /** A property that must be there; its absence is a problem. */
  public Optional<YamlValue> require(String key) {
    Optional<YamlValue> found = find(key);
    if (found.isEmpty() && readable) {
      owner.missing(key, "is missing");
    }
    return found;
  }
}
