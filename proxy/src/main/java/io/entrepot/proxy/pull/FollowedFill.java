package io.entrepot.proxy.pull;

/**
 * The bytes of a running fetch for one client.
 *
 * @param fill retained for the client; released when the client has all or has left
 */
record FollowedFill(BlobFill fill) implements LiveBody {

  @Override
  public void follow(ClientBody body, long from, long end) {
    new FillReader(fill, body, from, end).start();
  }

  @Override
  public void release() {
    fill.release();
  }
}
