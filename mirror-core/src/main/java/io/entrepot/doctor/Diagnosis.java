package io.entrepot.doctor;

import io.entrepot.text.FilePosition;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the pulls of one client go.
 *
 * @param faults what is wrong beside the routes
 * @param contact how the client would ask the proxy; empty where no file of it names the proxy
 */
public record Diagnosis(List<Route> routes, List<Fault> faults, Optional<Contact> contact) {

  /** Copies the lists. */
  public Diagnosis {
    routes = List.copyOf(routes);
    faults = List.copyOf(faults);
  }

  /** Which way a pull takes. */
  public enum Way {
    /** Through the proxy. */
    THROUGH,
    /** The client cannot; the proxy has it under a longer name. */
    BY_NAME,
    /** To the registry itself, or elsewhere. */
    PAST
  }

  /**
   * The way of one registry's images.
   *
   * @param at what decides it
   */
  public record Route(String registry, Way way, String why, FilePosition at) {}

  /** Something that is wrong in a file. */
  public record Fault(String message, FilePosition at) {}

  /**
   * How a client asks the proxy.
   *
   * @param url scheme and {@code host:port}
   * @param ca what it trusts beside the system's roots
   * @param verifies whether it looks at the certificate at all
   * @param login whether its files give it a name and a password
   * @param namesRegistry whether it says {@code ns=} of which registry it speaks
   */
  public record Contact(
      String url, Optional<Path> ca, boolean verifies, boolean login, boolean namesRegistry) {}

  /** Whether everything goes through the proxy that can. */
  public boolean isWhole() {
    return faults.isEmpty() && routes.stream().noneMatch(route -> route.way() == Way.PAST);
  }
}
