package io.entrepot.cli.command;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client that comes into being when the first question is asked. */
final class LateRegistries implements AutoCloseable {

  private final Invocation context;
  private final Map<RegistryName, Upstream> configured;
  private @Nullable Session session;

  LateRegistries(Invocation context, Map<RegistryName, Upstream> configured) {
    this.context = context;
    this.configured = configured;
  }

  synchronized RegistryClient client() {
    Session open = session;
    if (open == null) {
      open = Session.open(context, configured);
      session = open;
    }
    return open.client();
  }

  @Override
  public synchronized void close() {
    if (session != null) {
      session.close();
    }
  }
}
