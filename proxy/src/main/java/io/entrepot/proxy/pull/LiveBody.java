package io.entrepot.proxy.pull;

/** Bytes that go to a client while they come from upstream. */
public interface LiveBody {

  /**
   * Sends a part as it arrives, and ends the response or cuts it.
   *
   * @param end the position after the last byte
   */
  void follow(ClientBody body, long from, long end);

  /** Gives the bytes up unsent. */
  void release();
}
