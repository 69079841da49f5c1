package io.entrepot.mirror.charts;

/** A chart that cannot be had or read; what to do stands beside. */
public final class ChartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String remedy;

  /**
   * @param remedy what a person can do
   */
  public ChartException(String message, String remedy) {
    super(message);
    this.remedy = remedy;
  }

  ChartException(String message, String remedy, Throwable cause) {
    super(message, cause);
    this.remedy = remedy;
  }

  /** What a person can do. */
  public String remedy() {
    return remedy;
  }
}
