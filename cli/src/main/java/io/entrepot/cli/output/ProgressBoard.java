package io.entrepot.cli.output;

import io.entrepot.mirror.ImageResult;
import io.entrepot.mirror.MirrorListener;
import io.entrepot.mirror.PlannedImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Progress on a terminal: one line for each image that is being copied, and one for the whole,
 * redrawn ten times a second. The cursor is hidden meanwhile and comes back however the run ends.
 */
final class ProgressBoard implements Progress {

  private static final Duration REDRAW = Duration.ofMillis(100);
  private static final Duration RESIZE = Duration.ofSeconds(3);
  private static final int MAX_ROWS = 16;
  private static final String HIDE_CURSOR = "\u001B[?25l";
  private static final String SHOW_CURSOR = "\u001B[?25h";

  private final Console console;
  private final LongSupplier clock;
  private final Map<Integer, Row> active = new TreeMap<>();
  private final LongAdder transferred = new LongAdder();
  private final LongAdder expected = new LongAdder();
  private final Speed speed;
  private volatile int images;
  private int done;
  private int drawn;
  private boolean closed;
  private @Nullable Thread painter;
  private @Nullable Thread atExit;

  /** One image at work. */
  private static final class Row {
    private final String name;
    private final LongAdder transferred = new LongAdder();
    private final LongAdder expected = new LongAdder();
    private final Speed speed;
    private volatile MirrorListener.Phase phase = MirrorListener.Phase.RESOLVING;

    Row(String name, long now) {
      this.name = name;
      this.speed = new Speed(now);
    }
  }

  ProgressBoard(Console console, LongSupplier clock) {
    this.console = console;
    this.clock = clock;
    this.speed = new Speed(clock.getAsLong());
  }

  static ProgressBoard start(Console console, Terminal terminal) {
    ProgressBoard board = new ProgressBoard(console, System::nanoTime);
    board.begin(terminal);
    return board;
  }

  private void begin(Terminal terminal) {
    console.show(this::clear);
    console.draw(HIDE_CURSOR);
    atExit = Thread.ofPlatform().unstarted(this::restore);
    Runtime.getRuntime().addShutdownHook(atExit);
    painter = Thread.ofPlatform().daemon().name("progress").start(() -> paint(terminal));
  }

  private void paint(Terminal terminal) {
    int width = terminal.width();
    long measured = clock.getAsLong();
    try {
      while (true) {
        redraw(width);
        Thread.sleep(REDRAW);
        if (clock.getAsLong() - measured > RESIZE.toNanos()) {
          width = terminal.width();
          measured = clock.getAsLong();
        }
      }
    } catch (InterruptedException e) {
      // The run is over.
    }
  }

  @Override
  public void images(int number) {
    images = number;
  }

  @Override
  public MirrorListener listener() {
    return new MirrorListener() {
      @Override
      public void started(PlannedImage image) {
        synchronized (active) {
          active.put(image.number(), new Row(image.source().toString(), clock.getAsLong()));
        }
      }

      @Override
      public void phase(PlannedImage image, Phase phase) {
        Row row = row(image);
        if (row != null) {
          row.phase = phase;
        }
      }

      @Override
      public void expected(PlannedImage image, long bytes) {
        expected.add(bytes);
        Row row = row(image);
        if (row != null) {
          row.expected.add(bytes);
        }
      }

      @Override
      public void transferred(PlannedImage image, long bytes) {
        transferred.add(bytes);
        Row row = row(image);
        if (row != null) {
          row.transferred.add(bytes);
        }
      }

      @Override
      public void finished(PlannedImage image, ImageResult result) {
        synchronized (active) {
          active.remove(image.number());
          done++;
        }
        console.note(ReportOutput.line(result));
      }
    };
  }

  private @Nullable Row row(PlannedImage image) {
    synchronized (active) {
      return active.get(image.number());
    }
  }

  /** The lines as they are now, none wider than the terminal. */
  List<String> frame(int width) {
    long now = clock.getAsLong();
    List<Row> rows;
    int finished;
    synchronized (active) {
      rows = new ArrayList<>(active.values());
      finished = done;
    }
    List<String> lines = new ArrayList<>();
    rows.stream().limit(MAX_ROWS).forEach(row -> lines.add(line(row, now)));
    if (rows.size() > MAX_ROWS) {
      lines.add("  and %d more".formatted(rows.size() - MAX_ROWS));
    }
    lines.add(
        images == 0
            ? "planning"
            : "%d/%s  %s"
                .formatted(
                    finished,
                    Amounts.count(images, "image"),
                    amounts(transferred.sum(), expected.sum(), speed, now)));
    return lines.stream().map(text -> cut(text, width - 1)).toList();
  }

  private static String line(Row row, long now) {
    String amounts = amounts(row.transferred.sum(), row.expected.sum(), row.speed, now);
    return "  %s  %s  %s".formatted(row.name, row.phase.name().toLowerCase(Locale.ROOT), amounts);
  }

  private static String amounts(long transferred, long expected, Speed speed, long now) {
    if (expected == 0) {
      return "";
    }
    double rate = speed.measure(transferred, now);
    String text = Amounts.bytes(transferred) + " of " + Amounts.bytes(expected);
    if (rate < 1) {
      return text;
    }
    long left = Math.max(0, expected - transferred);
    Duration estimate = Duration.ofSeconds((long) Math.ceil(left / rate));
    return "%s  %s/s  %s left".formatted(text, Amounts.bytes((long) rate), Amounts.time(estimate));
  }

  /** The end of a line says more than the middle of a name. */
  private static String cut(String line, int width) {
    if (line.length() <= width || width < 4) {
      return line.length() <= width ? line : line.substring(0, Math.max(0, width));
    }
    int name = line.indexOf("  ", 2);
    int tail = name < 0 ? 0 : line.length() - name;
    int kept = width - tail - 1;
    return kept < 12
        ? line.substring(0, width - 1) + "…"
        : line.substring(0, kept) + "…" + line.substring(name);
  }

  private void redraw(int width) {
    List<String> lines = frame(width);
    synchronized (console) {
      if (closed) {
        return;
      }
      StringBuilder text = new StringBuilder(erased());
      lines.forEach(line -> text.append(line).append('\n'));
      drawn = lines.size();
      console.draw(text.toString());
    }
  }

  private void clear() {
    synchronized (console) {
      if (drawn > 0) {
        console.draw(erased());
        drawn = 0;
      }
    }
  }

  private String erased() {
    return drawn == 0 ? "" : "\u001B[%dF\u001B[J".formatted(drawn);
  }

  private void restore() {
    synchronized (console) {
      if (!closed) {
        closed = true;
        clear();
        console.show(null);
        console.draw(SHOW_CURSOR);
      }
    }
  }

  @Override
  public void close() {
    if (painter != null) {
      painter.interrupt();
    }
    restore();
    if (atExit != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(atExit);
      } catch (IllegalStateException e) {
        // The process is ending: the hook runs anyway and finds nothing to do.
      }
    }
  }
}
