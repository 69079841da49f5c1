package io.entrepot.notify;

import java.net.URI;
import java.util.Set;

/**
 * Somebody who is told. Its text form has no address and no secret in it: some addresses are
 * secrets themselves.
 */
public sealed interface Sink {

  /** Which events it wants. */
  Set<EventKind> on();

  /** How it is called in messages, such as {@code teams #1}. */
  String label();

  /** Where it is reached. */
  URI address();

  /** What tells it from other sinks of its kind. */
  default String identity() {
    return address().toString();
  }

  /** A channel of Microsoft Teams, by the address of a workflow. */
  record Teams(String label, URI address, Set<EventKind> on) implements Sink {
    @Override
    public String toString() {
      return label;
    }
  }

  /** A channel of Slack, by an incoming webhook. */
  record Slack(String label, URI address, Set<EventKind> on) implements Sink {
    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * A program that takes CloudEvents.
   *
   * @param secret signs the bodies; empty for no signature
   */
  record Webhook(String label, URI address, String secret, Set<EventKind> on) implements Sink {
    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * A repository at GitHub.
   *
   * @param address of the API
   * @param commit whose status is set; empty where an issue is opened
   */
  record Github(
      String label, URI address, String repository, String token, String commit, Set<EventKind> on)
      implements Sink {
    @Override
    public String identity() {
      return address + "/" + repository + commit;
    }

    @Override
    public String toString() {
      return label;
    }
  }
}
