package io.entrepot.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.text.BodySignature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The messages that events become: an Adaptive Card for Teams, Block Kit for Slack, CloudEvents 1.0
 * in JSON for programs, an issue or a status at GitHub.
 *
 * @param publicUrl where the page is; empty where that is not said
 * @param origin the source of CloudEvents: the page, or the host's name
 */
record Messages(String publicUrl, String origin) {

  /** So many changes of one run are a message each. */
  private static final int SINGLE = 5;

  /** So many are named in a message about more. */
  private static final int NAMED = 20;

  private static final int SLACK_HEADER = 150;
  private static final int SLACK_TEXT = 2900;
  private static final int STATUS_TEXT = 140;

  private static JsonMapper json() {
    return JsonMapper.shared();
  }

  /** What a sink gets of the events of one run, those that it wants. */
  List<Message> of(Sink sink, List<Event> events) {
    List<Event> wanted = events.stream().filter(event -> sink.on().contains(event.kind())).toList();
    return wanted.isEmpty() ? List.of() : ofAll(sink, wanted);
  }

  /** What a sink gets of events, whether it wants them or not; at least one event. */
  List<Message> ofAll(Sink sink, List<Event> events) {
    return switch (sink) {
      case Sink.Webhook webhook -> List.of(cloudEvents(webhook, events));
      case Sink.Teams _ -> digested(events).stream().map(this::card).toList();
      case Sink.Slack _ -> digested(events).stream().map(this::blocks).toList();
      case Sink.Github github when !github.commit().isEmpty() -> List.of(status(github, events));
      case Sink.Github github ->
          digested(events).stream().map(text -> issue(github, text)).toList();
    };
  }

  /** A text for people: a title, facts by name, and lines. */
  private record Text(
      String title, boolean trouble, Map<String, String> facts, List<String> lines) {}

  private List<Text> digested(List<Event> events) {
    if (events.size() <= SINGLE) {
      return events.stream().map(Messages::text).toList();
    }
    Map<EventKind, Long> counts =
        events.stream()
            .collect(Collectors.groupingBy(Event::kind, LinkedHashMap::new, Collectors.counting()));
    String title =
        "%d changes: %s"
            .formatted(
                events.size(),
                counts.entrySet().stream()
                    .map(each -> each.getValue() + " " + each.getKey().word())
                    .collect(Collectors.joining(", ")));
    List<String> lines = new ArrayList<>(events.stream().limit(NAMED).map(Event::line).toList());
    if (events.size() > NAMED) {
      lines.add("and %d more".formatted(events.size() - NAMED));
    }
    return List.of(
        new Text(
            title, events.stream().anyMatch(event -> event.kind().isTrouble()), Map.of(), lines));
  }

  private static Text text(Event event) {
    Map<String, String> facts = new LinkedHashMap<>();
    fact(facts, "Copy", event.target());
    fact(facts, "Before", Event.shortened(event.oldDigest()));
    fact(facts, "Now", Event.shortened(event.newDigest()));
    fact(facts, "Platforms", String.join(", ", event.platforms()));
    return new Text(
        event.kind().title() + ": " + event.source(),
        event.kind().isTrouble(),
        facts,
        event.reason().isEmpty() ? List.of() : List.of(event.reason()));
  }

  private static void fact(Map<String, String> facts, String name, String value) {
    if (!value.isEmpty()) {
      facts.put(name, value);
    }
  }

  // ---- Teams (adaptivecards.io; the envelope of a workflow's "when a webhook request is
  // received")

  private Message card(Text text) {
    ObjectNode root = json().createObjectNode();
    root.put("type", "message");
    ObjectNode attachment = root.putArray("attachments").addObject();
    attachment.put("contentType", "application/vnd.microsoft.card.adaptive");
    attachment.putNull("contentUrl");
    ObjectNode card = attachment.putObject("content");
    card.put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
    card.put("type", "AdaptiveCard").put("version", "1.4");
    ArrayNode body = card.putArray("body");
    body.addObject()
        .put("type", "TextBlock")
        .put("text", markdown(text.title()))
        .put("weight", "Bolder")
        .put("size", "Medium")
        .put("wrap", true)
        .put("color", text.trouble() ? "Attention" : "Default");
    if (!text.facts().isEmpty()) {
      ArrayNode facts = body.addObject().put("type", "FactSet").putArray("facts");
      text.facts()
          .forEach(
              (name, value) -> facts.addObject().put("title", name).put("value", markdown(value)));
    }
    for (String line : text.lines()) {
      body.addObject().put("type", "TextBlock").put("text", markdown(line)).put("wrap", true);
    }
    if (!publicUrl.isEmpty()) {
      card.putArray("actions")
          .addObject()
          .put("type", "Action.OpenUrl")
          .put("title", "Open the page")
          .put("url", publicUrl);
    }
    return Message.json("", "application/json", text(root));
  }

  /** Names come from registries: what Markdown would read is written as it stands. */
  private static String markdown(String text) {
    return text.replaceAll("([\\\\`*_\\[\\]()#>~|])", "\\\\$1");
  }

  // ---- Slack (Block Kit)

  private Message blocks(Text text) {
    ObjectNode root = json().createObjectNode();
    root.put("text", slack(text.title()));
    ArrayNode blocks = root.putArray("blocks");
    blocks
        .addObject()
        .put("type", "header")
        .putObject("text")
        .put("type", "plain_text")
        .put("text", cut(text.title(), SLACK_HEADER));
    if (!text.facts().isEmpty()) {
      ArrayNode fields = blocks.addObject().put("type", "section").putArray("fields");
      text.facts()
          .forEach(
              (name, value) ->
                  fields
                      .addObject()
                      .put("type", "mrkdwn")
                      .put("text", "*%s*\n%s".formatted(name, slack(value))));
    }
    StringBuilder lines = new StringBuilder();
    text.lines().forEach(line -> lines.append(slack(line)).append('\n'));
    if (!publicUrl.isEmpty()) {
      lines.append('<').append(publicUrl).append("|Open the page>\n");
    }
    if (!lines.isEmpty()) {
      blocks
          .addObject()
          .put("type", "section")
          .putObject("text")
          .put("type", "mrkdwn")
          .put("text", cut(lines.toString().strip(), SLACK_TEXT));
    }
    return Message.json("", "application/json", text(root));
  }

  private static String slack(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  // ---- CloudEvents (cloudevents.io, JSON event format: one event, or a batch of them)

  private Message cloudEvents(Sink.Webhook sink, List<Event> events) {
    List<ObjectNode> nodes = events.stream().map(this::cloudEvent).toList();
    Message message;
    if (nodes.size() == 1) {
      message = Message.json("", "application/cloudevents+json", text(nodes.getFirst()));
    } else {
      ArrayNode batch = json().createArrayNode();
      nodes.forEach(batch::add);
      message = Message.json("", "application/cloudevents-batch+json", text(batch));
    }
    return sink.secret().isEmpty()
        ? message
        : message.with(
            "Entrepot-Signature", BodySignature.of(sink.secret(), message.body().getBytes(UTF_8)));
  }

  private ObjectNode cloudEvent(Event event) {
    ObjectNode node = json().createObjectNode();
    node.put("specversion", "1.0");
    node.put("id", event.id());
    node.put("type", "dev.entrepot." + event.kind().word());
    node.put("source", origin);
    node.put("subject", event.source());
    node.put("time", event.time().toString());
    node.put("datacontenttype", "application/json");
    ObjectNode data = node.putObject("data");
    data.put("event", event.kind().word());
    data.put("source", event.source());
    data.put("target", orNull(event.target()));
    data.put("oldDigest", orNull(event.oldDigest()));
    data.put("newDigest", orNull(event.newDigest()));
    ArrayNode platforms = data.putArray("platforms");
    event.platforms().forEach(platforms::add);
    data.put("reason", orNull(event.reason()));
    return node;
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  // ---- GitHub (REST API, 2022-11-28)

  private Message issue(Sink.Github sink, Text text) {
    StringBuilder body = new StringBuilder();
    text.facts().forEach((name, value) -> body.append("- %s: `%s`\n".formatted(name, value)));
    text.lines().forEach(line -> body.append("\n").append(markdown(line)).append('\n'));
    if (!publicUrl.isEmpty()) {
      body.append('\n').append(publicUrl).append('\n');
    }
    ObjectNode node = json().createObjectNode();
    node.put("title", cut(text.title(), SLACK_HEADER));
    node.put("body", body.toString());
    node.putArray("labels").add("entrepot");
    return github("/repos/" + sink.repository() + "/issues", node);
  }

  private Message status(Sink.Github sink, List<Event> events) {
    boolean trouble = events.stream().anyMatch(event -> event.kind().isTrouble());
    ObjectNode node = json().createObjectNode();
    node.put("state", trouble ? "failure" : "success");
    node.put("context", "entrepot");
    node.put(
        "description",
        cut(
            events.size() == 1
                ? events.getFirst().line()
                : "%d changes, the first: %s".formatted(events.size(), events.getFirst().line()),
            STATUS_TEXT));
    if (!publicUrl.isEmpty()) {
      node.put("target_url", publicUrl);
    }
    return github("/repos/%s/statuses/%s".formatted(sink.repository(), sink.commit()), node);
  }

  private static Message github(String path, ObjectNode body) {
    return Message.json(path, "application/json", text(body))
        .with("Accept", "application/vnd.github+json")
        .with("X-GitHub-Api-Version", "2022-11-28");
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }

  private static String text(JsonNode node) {
    return json().writeValueAsString(node);
  }
}
