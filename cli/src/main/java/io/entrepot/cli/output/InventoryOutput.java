package io.entrepot.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.gate.inventory.InventoryReport;
import io.entrepot.gate.inventory.InventoryReport.Image;
import io.entrepot.gate.inventory.State;
import io.entrepot.oci.Digest;
import io.entrepot.pods.RunningContainer;
import io.entrepot.text.FilePosition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code inventory} prints. */
public final class InventoryOutput {

  private static final String CRLF = "\r\n";
  private static final int SHOWN = 3;

  private InventoryOutput() {}

  /**
   * The document of a form that is no text for people.
   *
   * @param names files as they are named
   */
  public static String document(
      InventoryReport report, InventoryFormat format, UnaryOperator<String> names) {
    return switch (format) {
      case CSV -> csv(report, names);
      case SARIF -> Json.document(sarif(report, names));
      case JSON, TEXT -> Json.document(json(report, names));
    };
  }

  private static ObjectNode json(InventoryReport report, UnaryOperator<String> names) {
    ObjectNode root = Json.object();
    ArrayNode images = root.putArray("images");
    for (Image image : report.images()) {
      ObjectNode node = images.addObject();
      node.put("reference", image.reference().toString());
      node.put("digest", image.digest() == null ? null : image.digest().toString());
      node.set("states", Json.texts(image.states().stream().map(State::word).toList()));
      ArrayNode git = node.putArray("git");
      for (FilePosition each : image.git()) {
        git.addObject().put("file", names.apply(each.file())).put("line", each.line());
      }
      ArrayNode running = node.putArray("running");
      for (RunningContainer each : image.running()) {
        running
            .addObject()
            .put("cluster", each.cluster())
            .put("namespace", each.namespace())
            .put("pod", each.pod())
            .put("container", each.container())
            .put("digest", each.digest() == null ? null : each.digest().toString());
      }
      node.put("mirrored", image.mirrored());
    }
    ArrayNode unjudged = root.putArray("unjudged");
    for (InventoryReport.Unjudged each : report.unjudged()) {
      unjudged.addObject().put("reference", each.reference()).put("reason", each.reason());
    }
    root.set("notes", Json.texts(report.notes()));
    return root;
  }

  /** A line for each container; one for each place in git where nothing runs. */
  private static String csv(InventoryReport report, UnaryOperator<String> names) {
    StringBuilder text = new StringBuilder();
    row(
        text,
        List.of(
            "reference",
            "digest",
            "states",
            "mirrored",
            "file",
            "line",
            "cluster",
            "namespace",
            "pod",
            "container"));
    for (Image image : report.images()) {
      List<String> start =
          List.of(
              image.reference().toString(),
              image.digest() == null ? "" : image.digest().toString(),
              states(image, " "),
              Boolean.toString(image.mirrored()));
      int rows = Math.max(1, Math.max(image.git().size(), image.running().size()));
      for (int i = 0; i < rows; i++) {
        List<String> cells = new ArrayList<>(start);
        if (i < image.git().size()) {
          FilePosition each = image.git().get(i);
          cells.add(names.apply(each.file()));
          cells.add(Integer.toString(each.line()));
        } else {
          cells.addAll(List.of("", ""));
        }
        if (i < image.running().size()) {
          RunningContainer each = image.running().get(i);
          cells.addAll(List.of(each.cluster(), each.namespace(), each.pod(), each.container()));
        } else {
          cells.addAll(List.of("", "", "", ""));
        }
        row(text, cells);
      }
    }
    return text.toString();
  }

  private static void row(StringBuilder text, List<String> cells) {
    text.append(cells.stream().map(InventoryOutput::cell).collect(Collectors.joining(",")))
        .append(CRLF);
  }

  private static String cell(String value) {
    return value.matches("(?s).*[\",\\r\\n].*") ? "\"" + value.replace("\"", "\"\"") + "\"" : value;
  }

  private static ObjectNode sarif(InventoryReport report, UnaryOperator<String> names) {
    ObjectNode root = Json.object();
    root.put("$schema", GateSarif.SCHEMA).put("version", "2.1.0");
    ObjectNode run = root.putArray("runs").addObject();
    ObjectNode driver = run.putObject("tool").putObject("driver");
    driver.put("name", "entrepot");
    Release.version().ifPresent(version -> driver.put("version", version));
    ArrayNode rules = driver.putArray("rules");
    for (State state : State.values()) {
      ObjectNode rule = rules.addObject().put("id", state.word());
      rule.putObject("shortDescription").put("text", state.title());
      rule.putObject("defaultConfiguration").put("level", "warning");
    }
    ObjectNode invocation = run.putArray("invocations").addObject();
    invocation.put("executionSuccessful", report.unjudged().isEmpty());
    if (!report.unjudged().isEmpty()) {
      ArrayNode notifications = invocation.putArray("toolExecutionNotifications");
      for (InventoryReport.Unjudged each : report.unjudged()) {
        notifications
            .addObject()
            .put("level", "warning")
            .putObject("message")
            .put("text", "not judged: %s: %s".formatted(each.reference(), each.reason()));
      }
    }
    run.put("columnKind", "utf16CodeUnits");
    ArrayNode results = run.putArray("results");
    for (Image image : report.images()) {
      for (State state : image.states()) {
        for (FilePosition place : image.git()) {
          result(results.addObject(), image, state, place.in(names.apply(place.file())));
        }
      }
    }
    return root;
  }

  private static void result(ObjectNode node, Image image, State state, FilePosition place) {
    node.put("ruleId", state.word()).put("level", "warning");
    node.putObject("message").put("text", "%s: %s.".formatted(image.reference(), state.title()));
    ObjectNode physical = node.putArray("locations").addObject().putObject("physicalLocation");
    physical.putObject("artifactLocation").put("uri", GateSarif.uri(place.file()));
    physical.putObject("region").put("startLine", Math.max(1, place.line()));
    String identity = "%s\n%s\n%s".formatted(state.word(), place.file(), image.reference());
    node.putObject("partialFingerprints")
        .put("entrepot/v1", Digest.of(identity.getBytes(UTF_8)).shortHex(32));
  }

  /** For people. */
  public static void print(Console console, InventoryReport report, UnaryOperator<String> names) {
    for (Image image : report.images()) {
      String states = states(image, ", ");
      if (console.isQuiet() && states.isEmpty()) {
        continue;
      }
      console.result("%s  %s".formatted(image.reference(), states.isEmpty() ? "ok" : states));
      if (!image.git().isEmpty()) {
        console.result(
            "    git      "
                + some(
                    image.git().stream()
                        .map(each -> each.in(names.apply(each.file())).toString())
                        .toList()));
      }
      if (!image.running().isEmpty()) {
        console.result(
            "    running  "
                + some(
                    image.running().stream()
                        .map(each -> "%s %s".formatted(each.cluster(), each.title()))
                        .distinct()
                        .toList()));
      }
    }
    Map<String, List<String>> unjudged = new LinkedHashMap<>();
    for (InventoryReport.Unjudged each : report.unjudged()) {
      unjudged.computeIfAbsent(each.reason(), _ -> new ArrayList<>()).add(each.reference());
    }
    unjudged.forEach(
        (reason, references) ->
            console.warn("not judged: %s: %s".formatted(some(references), reason)));
    report.notes().forEach(console::warn);
    console.note(summary(report));
  }

  private static String summary(InventoryReport report) {
    long running = report.images().stream().filter(image -> !image.running().isEmpty()).count();
    long git = report.images().stream().filter(image -> !image.git().isEmpty()).count();
    long mirrored = report.images().stream().filter(Image::mirrored).count();
    long remarkable = report.images().stream().filter(image -> !image.states().isEmpty()).count();
    return "%s: %d running, %d in git, %d mirrored; %d with something to look at"
        .formatted(
            Amounts.count(report.images().size(), "image"), running, git, mirrored, remarkable);
  }

  private static String states(Image image, String separator) {
    return image.states().stream().map(State::word).collect(Collectors.joining(separator));
  }

  private static String some(List<String> all) {
    String first = all.stream().limit(SHOWN).collect(Collectors.joining(", "));
    return all.size() > SHOWN ? first + " and %d more".formatted(all.size() - SHOWN) : first;
  }
}
