package io.entrepot.gate.rules;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.GateException;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Target;
import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds objects against JSON Schemas in directories named as kubeconform names them: {@code
 * deployment-apps-v1.json}, also below {@code *-standalone/} or {@code *-standalone-strict/}, and
 * {@code group/kind_version.json}.
 *
 * <p>A kind for which no schema is given is not judged; that no object at all has one is reported.
 */
final class SchemaMismatch implements Judgement {

  static final Rule RULE =
      new Rule(
          "schema",
          "An object does not fit its Kubernetes schema",
          "The API server refuses the object, or drops the field that it does not know.",
          "Correct the field; quote numbers and truth values where text is expected.");

  private static final int MAX_ERRORS = 20;

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    if (evidence.spec().schemas().isEmpty()) {
      return;
    }
    Schemas schemas =
        new Schemas(evidence.spec().schemas().stream().map(evidence.home()::resolve).toList());
    boolean any = false;
    for (KubernetesObject object : evidence.cluster().wholeObjects()) {
      Optional<Schema> schema = schemas.of(object);
      if (schema.isPresent()) {
        any = true;
        validate(evidence, object, schema.get(), findings);
      }
    }
    if (!any && !evidence.cluster().objects().isEmpty()) {
      for (Target target : evidence.spec().targets()) {
        findings.skip(
            target.name(),
            null,
            String.join(", ", evidence.spec().schemas()),
            "no schema there is named as that of any object, for example deployment-apps-v1.json");
      }
    }
  }

  /** The schemas in directories, each read once. */
  private static final class Schemas {

    private final List<Path> directories = new ArrayList<>();
    private final SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7);
    private final Map<String, Optional<Schema>> known = new HashMap<>();

    /**
     * @param given directories; their {@code standalone} ones are looked into as well
     * @throws GateException for one that does not exist
     */
    Schemas(List<Path> given) {
      for (Path directory : given) {
        if (!Files.isDirectory(directory)) {
          throw new GateException("schemas: no such directory: " + directory, null);
        }
        directories.add(directory);
        try (Stream<Path> inner = Files.list(directory)) {
          inner
              .filter(Files::isDirectory)
              .filter(each -> String.valueOf(each.getFileName()).contains("-standalone"))
              .sorted()
              .forEach(directories::add);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    Optional<Schema> of(KubernetesObject object) {
      return known.computeIfAbsent(object.apiVersion() + "/" + object.kind(), _ -> find(object));
    }

    private Optional<Schema> find(KubernetesObject object) {
      String kind = object.kind().toLowerCase(Locale.ROOT);
      String group = object.group();
      int dot = group.indexOf('.');
      String first = dot < 0 ? group : group.substring(0, dot);
      List<String> names = new ArrayList<>();
      String version = object.version().toLowerCase(Locale.ROOT);
      if (group.isEmpty()) {
        names.add("%s-%s.json".formatted(kind, version));
      } else {
        names.add("%s-%s-%s.json".formatted(kind, first, version));
        names.add("%s-%s-%s.json".formatted(kind, group, version));
        names.add("%s/%s_%s.json".formatted(group, kind, version));
        names.add("%s_%s.json".formatted(kind, version));
      }
      for (Path directory : directories) {
        for (String name : names) {
          Path file = directory.resolve(name);
          if (Files.isRegularFile(file)) {
            return Optional.of(schema(file));
          }
        }
      }
      return Optional.empty();
    }

    private Schema schema(Path file) {
      try {
        JsonNode root = JsonMapper.shared().readTree(Files.readAllBytes(file));
        if (root instanceof ObjectNode object) {
          // "http://json-schema.org/schema#" names no dialect; nothing is fetched for it.
          object.remove("$schema");
        }
        return registry.getSchema(root);
      } catch (IOException | JacksonException | SchemaException e) {
        throw new GateException("schema %s: %s".formatted(file, e.getMessage()), e);
      }
    }
  }

  private static void validate(
      Evidence evidence, KubernetesObject object, Schema schema, Findings findings) {
    String json = JsonMapper.shared().writeValueAsString(Nodes.plain(object.root()));
    List<Error> errors = schema.validate(json, InputFormat.JSON);
    errors.stream()
        .limit(MAX_ERRORS)
        .forEach(
            error -> {
              List<String> way = new ArrayList<>();
              for (int i = 0; i < error.getInstanceLocation().getNameCount(); i++) {
                way.add(String.valueOf(error.getInstanceLocation().getElement(i)));
              }
              String path = String.join(".", way);
              SourceNode node = node(object, way);
              String last = way.isEmpty() ? "kind: " + object.kind() : way.getLast() + ":";
              findings.refuse(
                  object,
                  evidence
                      .cluster()
                      .locator()
                      .of(object, node == null ? object.root() : node, last),
                  null,
                  (path.isEmpty() ? "" : path + ": ") + error.getMessage());
            });
  }

  private static @Nullable SourceNode node(KubernetesObject object, List<String> way) {
    SourceNode node = object.root();
    for (String part : way) {
      if (node instanceof SourceSequence list && part.matches("\\d{1,6}")) {
        int index = Integer.parseInt(part);
        node = index < list.items().size() ? list.items().get(index) : null;
      } else {
        node = Nodes.at(node, part);
      }
    }
    return node;
  }
}
