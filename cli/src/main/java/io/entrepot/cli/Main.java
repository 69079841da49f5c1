package io.entrepot.cli;

/** Throw-away. */
public final class Main {
  private Main() {}

  /** Runs. */
  public static void main(String[] args) {
    System.out.println("hi " + String.join(",", args));
  }
}
