package io.entrepot.proxy.handler;

/** A client's connection broke while its request was being read: nobody waits for an answer. */
final class ClientLeftException extends RuntimeException {

  private static final long serialVersionUID = 1;

  ClientLeftException(Throwable cause) {
    super("the client left: " + cause.getMessage(), cause);
  }
}
