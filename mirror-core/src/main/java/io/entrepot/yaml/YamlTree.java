package io.entrepot.yaml;

import io.entrepot.yaml.YamlNode.Mapping;
import io.entrepot.yaml.YamlNode.Property;
import io.entrepot.yaml.YamlNode.Scalar;
import io.entrepot.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Builds the nodes of the one document in a text, from the parser's events, so that every limit is
 * checked before anything is built: nesting, and how large the document is once its aliases are
 * followed.
 */
final class YamlTree {

  private static final int MAX_DEPTH = 64;
  private static final int MAX_NODES = 200_000;

  private final String file;
  private final List<Problem> problems;
  private final Iterator<Event> events;
  private final Map<Anchor, Built> anchors = new HashMap<>();

  /** A node and how many nodes it stands for when aliases are followed. */
  private record Built(YamlNode node, long weight) {}

  private YamlTree(String file, String text, List<Problem> problems) {
    this.file = file;
    this.problems = problems;
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setCodePointLimit(YamlDocument.MAX_BYTES)
            .setParseComments(false)
            .build();
    this.events = new Parse(settings).parseReader(new CodePointReader(text)).iterator();
  }

  /**
   * The root, or null for a file with nothing in it but comments.
   *
   * @param problems gets doubled keys, which do not stop the reading
   * @throws ConfigException for text that is no YAML or exceeds a limit
   */
  static @Nullable YamlNode build(String file, String text, List<Problem> problems) {
    try {
      return new YamlTree(file, text, problems).document();
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().or(e::getContextMark).map(mark -> mark.getLine() + 1).orElse(0);
      throw new ConfigException(new Problem(file, line, "", "not YAML: " + e.getProblem()), e);
    } catch (YamlEngineException e) {
      throw new ConfigException(
          new Problem(file, 0, "", "not YAML: " + firstLine(e.getMessage())), e);
    }
  }

  private @Nullable YamlNode document() {
    YamlNode root = null;
    while (events.hasNext()) {
      Event event = events.next();
      switch (event.getEventId()) {
        case StreamStart, StreamEnd, DocumentEnd, Comment -> {}
        case DocumentStart -> {
          if (root != null) {
            throw refuse(event, "a second document; one file holds one");
          }
          root = node(events.next(), 1, "").node();
        }
        default -> throw refuse(event, "not YAML: unexpected " + event.getEventId());
      }
    }
    return root;
  }

  private Built node(Event event, int depth, String path) {
    if (depth > MAX_DEPTH) {
      throw refuse(event, "nested deeper than %d".formatted(MAX_DEPTH));
    }
    Built built =
        switch (event.getEventId()) {
          case Alias -> aliased((AliasEvent) event);
          case Scalar -> scalar((ScalarEvent) event);
          case SequenceStart -> sequence((CollectionStartEvent) event, depth, path);
          case MappingStart -> mapping((CollectionStartEvent) event, depth, path);
          default -> throw refuse(event, "not YAML: unexpected " + event.getEventId());
        };
    if (built.weight() > MAX_NODES) {
      throw refuse(event, "more than %d values, aliases followed".formatted(MAX_NODES));
    }
    // Only a finished node gets its name, so that none can contain itself.
    if (event instanceof NodeEvent named) {
      named.getAnchor().ifPresent(anchor -> anchors.put(anchor, built));
    }
    return built;
  }

  private Built aliased(AliasEvent alias) {
    Built target = anchors.get(alias.getAlias());
    if (target == null) {
      throw refuse(alias, "unknown alias '*%s'".formatted(alias.getAlias()));
    }
    return target;
  }

  private Built scalar(ScalarEvent scalar) {
    refuseTag(scalar, scalar.getTag());
    String text = scalar.getValue();
    return new Built(new Scalar(text, text, scalar.isPlain(), line(scalar), column(scalar)), 1);
  }

  private Built sequence(CollectionStartEvent start, int depth, String path) {
    refuseTag(start, start.getTag());
    List<YamlNode> items = new ArrayList<>();
    long weight = 1;
    for (Event next = events.next();
        next.getEventId() != Event.ID.SequenceEnd;
        next = events.next()) {
      Built item = node(next, depth + 1, path + "[" + items.size() + "]");
      items.add(item.node());
      weight += item.weight();
    }
    return new Built(new Sequence(items, line(start), column(start)), weight);
  }

  private Built mapping(CollectionStartEvent start, int depth, String path) {
    refuseTag(start, start.getTag());
    Map<String, Property> properties = new LinkedHashMap<>();
    long weight = 1;
    for (Event next = events.next();
        next.getEventId() != Event.ID.MappingEnd;
        next = events.next()) {
      if (!(next instanceof ScalarEvent key)) {
        throw refuse(next, "a key that is not plain text");
      }
      refuseTag(key, key.getTag());
      String way = YamlValue.join(path, key.getValue());
      Built value = node(events.next(), depth + 1, way);
      weight += 1 + value.weight();
      Property property = new Property(value.node(), line(key), column(key));
      Property former = properties.putIfAbsent(key.getValue(), property);
      if (former != null) {
        problems.add(
            new Problem(
                file, line(key), way, "given twice; first in line %d".formatted(former.line())));
      }
    }
    return new Built(new Mapping(properties, line(start), column(start)), weight);
  }

  private void refuseTag(Event event, Optional<String> tag) {
    tag.ifPresent(
        name -> {
          throw refuse(event, "a tag ('%s'); tags are not used here".formatted(name));
        });
  }

  private ConfigException refuse(Event event, String message) {
    return new ConfigException(List.of(new Problem(file, line(event), "", message)));
  }

  private static int line(Event event) {
    return event.getStartMark().map(Mark::getLine).orElse(-1) + 1;
  }

  private static int column(Event event) {
    return event.getStartMark().map(Mark::getColumn).orElse(-1) + 1;
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "unreadable" : message.lines().findFirst().orElse("unreadable");
  }
}
