package io.entrepot.cli.output;

/** Bytes a second, smoothed over some seconds so that the number can be read. */
final class Speed {

  private static final double SECONDS = 1e9;
  private static final double MEMORY_SECONDS = 4;
  private static final double SHORTEST = 0.05;

  private long lastTime;
  private long lastBytes;
  private double rate;
  private boolean measured;

  /**
   * @param now in nanoseconds
   */
  Speed(long now) {
    lastTime = now;
  }

  /** Takes a new measurement and returns the rate. */
  synchronized double measure(long bytes, long now) {
    double elapsed = (now - lastTime) / SECONDS;
    if (elapsed < SHORTEST) {
      return rate;
    }
    double latest = (bytes - lastBytes) / elapsed;
    double weight = measured ? 1 - Math.exp(-elapsed / MEMORY_SECONDS) : 1;
    rate += weight * (latest - rate);
    measured = true;
    lastTime = now;
    lastBytes = bytes;
    return rate;
  }
}
