package io.entrepot.cli.output;

import io.entrepot.mirror.ImageResult;
import io.entrepot.mirror.MirrorListener;
import io.entrepot.mirror.PlannedImage;
import java.util.concurrent.atomic.AtomicInteger;

/** Progress where nothing can be redrawn: one line when an image is done. */
final class ProgressLines implements Progress {

  private final Console console;
  private volatile int images;
  private final AtomicInteger done = new AtomicInteger();

  ProgressLines(Console console) {
    this.console = console;
  }

  @Override
  public void images(int number) {
    images = number;
  }

  @Override
  public MirrorListener listener() {
    return new MirrorListener() {
      @Override
      public void finished(PlannedImage image, ImageResult result) {
        console.note(
            "[%d/%d] %s".formatted(done.incrementAndGet(), images, ReportOutput.line(result)));
      }
    };
  }

  @Override
  public void close() {}
}
