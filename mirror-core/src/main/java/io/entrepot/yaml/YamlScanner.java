package io.entrepot.yaml;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.Scanner;
import org.snakeyaml.engine.v2.scanner.ScannerImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.tokens.ScalarToken;
import org.snakeyaml.engine.v2.tokens.Token;

/**
 * Reads YAML text into nodes that know their place.
 *
 * <p>The limits, each of which ends in an {@link UnreadableYamlException}: {@value #MAX_LENGTH}
 * UTF-16 units, {@value #MAX_LINE} of them in a line, {@value #MAX_DEPTH} nested collections,
 * {@value #MAX_ALIASES} aliases. Aliases are never expanded and tags never looked at.
 */
public final class YamlScanner {

  /** The longest text read. */
  public static final int MAX_LENGTH = 16 * 1024 * 1024;

  /** The longest configuration; its reader has a limit of its own, most often a lower one. */
  static final int MAX_STRICT_LENGTH = 96 * 1024 * 1024;

  /** The longest line read. */
  public static final int MAX_LINE = 1024 * 1024;

  /** The deepest nesting of collections read. */
  public static final int MAX_DEPTH = 200;

  /** The deepest nesting of a configuration. */
  static final int MAX_STRICT_DEPTH = 64;

  /** The most aliases read in one text. */
  public static final int MAX_ALIASES = 10_000;

  private static final LoadSettings SETTINGS =
      LoadSettings.builder()
          .setParseComments(false)
          .setUseMarks(true)
          .setCodePointLimit(MAX_STRICT_LENGTH)
          .setAllowDuplicateKeys(true)
          .build();

  private final SourceText source;
  private final int bom;
  private final int @Nullable [] offsets;
  private final Map<String, SourceNode> anchors = new HashMap<>();
  private final boolean strict;
  private final Deque<Frame> open = new ArrayDeque<>();
  private final List<SourceNode> documents = new ArrayList<>();
  private int aliases;

  private YamlScanner(SourceText source, boolean strict) {
    this.source = source;
    this.strict = strict;
    String text = source.text();
    this.bom = source.depth() == 0 && text.startsWith("\uFEFF") ? 1 : 0;
    this.offsets = offsetsOfCodePoints(text, bom);
  }

  /**
   * The root nodes of a text's documents, empty documents left out.
   *
   * @throws UnreadableYamlException naming line and problem
   */
  public static List<SourceNode> scan(SourceText source) {
    return scan(source, false);
  }

  /**
   * The same for configuration: at most one document, nested at most {@value #MAX_STRICT_DEPTH}
   * deep, without tags, without keys that are no scalars, without nodes that contain themselves.
   */
  static List<SourceNode> scanStrictly(SourceText source) {
    return scan(source, true);
  }

  private static List<SourceNode> scan(SourceText source, boolean strict) {
    if (!strict && source.text().length() > MAX_LENGTH) {
      throw new UnreadableYamlException(
          1, 1, "longer than %d MiB".formatted(MAX_LENGTH >> 20), null);
    }
    int longLine = source.lineLongerThan(MAX_LINE);
    if (longLine > 0) {
      throw new UnreadableYamlException(
          longLine, 1, "a line longer than %d MiB".formatted(MAX_LINE >> 20), null);
    }
    try {
      return new YamlScanner(source, strict).documents(source.text());
    } catch (UnreadableYamlException e) {
      // The parser refuses tabs that YAML 1.2 allows between tokens; a space is as long as a tab.
      String spaced = withoutInnerTabs(source.text());
      if (spaced.equals(source.text())) {
        throw e;
      }
      return new YamlScanner(source, strict).documents(spaced);
    }
  }

  /** Tabs after the first other character of a line become spaces. */
  private static String withoutInnerTabs(String text) {
    if (text.indexOf('\t') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text);
    boolean indentation = true;
    for (int i = 0; i < out.length(); i++) {
      char c = out.charAt(i);
      if (c == '\n' || c == '\r') {
        indentation = true;
      } else if (c == '\t' && !indentation) {
        out.setCharAt(i, ' ');
      } else if (c != ' ' && c != '\t') {
        indentation = false;
      }
    }
    return out.toString();
  }

  /** The first key that stands twice in one mapping, if any does. */
  public static Optional<ScalarSite> doubledKey(SourceNode root) {
    Deque<SourceNode> todo = new ArrayDeque<>(List.of(root));
    Optional<ScalarSite> first = Optional.empty();
    while (!todo.isEmpty()) {
      switch (todo.pop()) {
        case SourceMapping mapping -> {
          Set<String> seen = new HashSet<>();
          for (SourceMapping.Entry entry : mapping.entries()) {
            todo.push(entry.value());
            if (entry.key() instanceof ScalarSite key
                && !seen.add(key.value())
                && !key.value().equals("<<")
                && first.map(f -> key.start() < f.start()).orElse(true)) {
              first = Optional.of(key);
            }
          }
        }
        case SourceSequence sequence -> sequence.items().forEach(todo::push);
        default -> {}
      }
    }
    return first;
  }

  private List<SourceNode> documents(String text) {
    RecordingScanner tokens =
        new RecordingScanner(
            new ScannerImpl(
                SETTINGS, new StreamReader(SETTINGS, new CodePointReader(text.substring(bom)))));
    try {
      ParserImpl parser = new ParserImpl(SETTINGS, tokens);
      while (parser.hasNext()) {
        accept(parser.next(), tokens);
      }
    } catch (MarkedYamlEngineException e) {
      int offset = e.getProblemMark().map(mark -> offset(mark.getIndex())).orElse(0);
      throw unreadable(offset, e.getProblem(), e);
    } catch (ReaderException e) {
      throw unreadable(
          offset(e.getPosition()),
          "character U+%04X is not allowed in YAML".formatted(e.getCodePoint()),
          e);
    } catch (YamlEngineException e) {
      throw unreadable(0, String.valueOf(e.getMessage()), e);
    }
    return documents;
  }

  private void accept(Event event, RecordingScanner tokens) {
    if (strict) {
      refuseWhatNoConfigurationHas(event);
    }
    switch (event.getEventId()) {
      case DocumentStart -> anchors.clear();
      case Alias -> add(alias((AliasEvent) event));
      case Scalar -> add(scalar((ScalarEvent) event, tokens.last));
      case MappingStart, SequenceStart -> {
        CollectionStartEvent start = (CollectionStartEvent) event;
        boolean mapping = event.getEventId() == Event.ID.MappingStart;
        push(
            new Frame(
                start(event), name(start.getAnchor()), isFlow(start.getFlowStyle()), mapping));
      }
      case MappingEnd, SequenceEnd -> add(open.pop().finish(source));
      default -> {}
    }
  }

  private void refuseWhatNoConfigurationHas(Event event) {
    Optional<String> tag = Optional.empty();
    boolean key = isKey();
    switch (event.getEventId()) {
      case DocumentStart -> {
        if (!documents.isEmpty()) {
          throw unreadable(start(event), "a second document; one file holds one", null);
        }
      }
      case Scalar -> {
        tag = ((ScalarEvent) event).getTag();
        key = false;
      }
      case MappingStart, SequenceStart -> tag = ((CollectionStartEvent) event).getTag();
      case Alias -> {}
      default -> key = false;
    }
    if (key) {
      throw unreadable(start(event), "a key that is not plain text", null);
    }
    if (tag.isPresent()) {
      throw unreadable(
          start(event), "a tag ('%s'); tags are not used here".formatted(tag.get()), null);
    }
  }

  private SourceAlias alias(AliasEvent event) {
    if (++aliases > MAX_ALIASES) {
      throw unreadable(start(event), "more than %d aliases".formatted(MAX_ALIASES), null);
    }
    String name = event.getAlias().getValue();
    boolean known =
        anchors.containsKey(name)
            || (!strict && open.stream().anyMatch(frame -> name.equals(frame.anchor)));
    if (!known) {
      throw unreadable(
          start(event),
          "unknown alias '*%s': there is no anchor &%s before it".formatted(name, name),
          null);
    }
    return new SourceAlias(source, start(event), name, anchors.get(name));
  }

  /** Whether the next node is a key of a mapping. */
  private boolean isKey() {
    Frame parent = open.peek();
    return parent != null && parent.mapping && parent.children.size() % 2 == 0;
  }

  private void push(Frame frame) {
    int most = strict ? MAX_STRICT_DEPTH : MAX_DEPTH;
    if (open.size() >= most) {
      throw unreadable(frame.start, "nested deeper than %d levels".formatted(most), null);
    }
    open.push(frame);
  }

  private void add(SourceNode node) {
    String anchor = node.anchor();
    if (anchor != null) {
      anchors.put(anchor, node);
    }
    Frame parent = open.peek();
    if (parent == null) {
      documents.add(node);
    } else {
      parent.children.add(node);
    }
  }

  private ScalarSite scalar(ScalarEvent event, @Nullable ScalarToken token) {
    Frame parent = open.peek();
    boolean flow = parent != null && parent.flow;
    boolean key = isKey();
    String anchor = name(event.getAnchor());
    // An empty scalar has no token: the event's end is where it would stand.
    int eventEnd = event.getEndMark().map(mark -> offset(mark.getIndex())).orElse(0);
    boolean written =
        token != null
            && token.getEndMark().map(mark -> offset(mark.getIndex())).orElse(-1) == eventEnd
            && !(event.getValue().isEmpty() && event.isPlain());
    if (!written || token == null) {
      return new ScalarSite(
          source, eventEnd, eventEnd, "", ScalarSite.Style.PLAIN, anchor, flow, key);
    }
    int from = token.getStartMark().map(mark -> offset(mark.getIndex())).orElse(0);
    return new ScalarSite(
        source,
        from,
        eventEnd,
        SharedTexts.of(event.getValue()),
        style(event.getScalarStyle()),
        anchor,
        flow,
        key);
  }

  private int start(Event event) {
    return event.getStartMark().map(Mark::getIndex).map(this::offset).orElse(0);
  }

  /** The UTF-16 offset of the code point at {@code index} of what the parser was given. */
  private int offset(int index) {
    return offsets == null ? index + bom : offsets[Math.min(index, offsets.length - 1)];
  }

  private UnreadableYamlException unreadable(
      int offset, String problem, @Nullable Throwable cause) {
    int at = Math.min(offset, source.text().length());
    return new UnreadableYamlException(
        source.fileLine(at), at - source.startOfLine(at) + 1, problem, cause);
  }

  private static boolean isFlow(FlowStyle style) {
    return style == FlowStyle.FLOW;
  }

  private static @Nullable String name(Optional<Anchor> anchor) {
    return anchor.isPresent() ? anchor.get().getValue() : null;
  }

  private static ScalarSite.Style style(ScalarStyle style) {
    return switch (style) {
      case SINGLE_QUOTED -> ScalarSite.Style.SINGLE_QUOTED;
      case DOUBLE_QUOTED, JSON_SCALAR_STYLE -> ScalarSite.Style.DOUBLE_QUOTED;
      case LITERAL -> ScalarSite.Style.LITERAL;
      case FOLDED -> ScalarSite.Style.FOLDED;
      case PLAIN -> ScalarSite.Style.PLAIN;
    };
  }

  /** Null where every code point is one UTF-16 unit. */
  private static int @Nullable [] offsetsOfCodePoints(String text, int from) {
    int count = text.codePointCount(from, text.length());
    if (count == text.length() - from) {
      return null;
    }
    int[] offsets = new int[count + 1];
    int at = from;
    for (int i = 0; i < count; i++) {
      offsets[i] = at;
      at += Character.charCount(text.codePointAt(at));
    }
    offsets[count] = at;
    return offsets;
  }

  /** A collection whose end has not come yet. */
  private static final class Frame {
    private final int start;
    private final @Nullable String anchor;
    private final boolean flow;
    private final boolean mapping;
    private final List<SourceNode> children = new ArrayList<>();

    Frame(int start, @Nullable String anchor, boolean flow, boolean mapping) {
      this.start = start;
      this.anchor = anchor;
      this.flow = flow;
      this.mapping = mapping;
    }

    SourceNode finish(SourceText source) {
      if (!mapping) {
        return new SourceSequence(source, start, anchor, List.copyOf(children), flow);
      }
      return new SourceMapping(source, start, anchor, children, flow);
    }
  }

  /** Remembers the last scalar's token, whose place excludes anchor and tag. */
  private static final class RecordingScanner implements Scanner {
    private final Scanner scanner;
    private @Nullable ScalarToken last;

    RecordingScanner(Scanner scanner) {
      this.scanner = scanner;
    }

    @Override
    public boolean checkToken(Token.ID... choices) {
      return scanner.checkToken(choices);
    }

    @Override
    public Token peekToken() {
      return scanner.peekToken();
    }

    @Override
    public boolean hasNext() {
      return scanner.hasNext();
    }

    @Override
    public Token next() {
      Token token = scanner.next();
      if (token instanceof ScalarToken scalar) {
        last = scalar;
      }
      return token;
    }

    @Override
    public void resetDocumentIndex() {
      scanner.resetDocumentIndex();
    }
  }
}
