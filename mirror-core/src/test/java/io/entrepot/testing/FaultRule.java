package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong for which requests. Made by {@link TestRegistry#on}; in force from the call that
 * names the fault, for every matching request unless {@link #times} or {@link #once} says
 * otherwise.
 *
 * <p>Where several rules that answer instead of the registry match, the first one registered does;
 * faults of the answer add up.
 */
public final class FaultRule {

  /** Answers in place of the registry, or spoils the request's body. */
  interface Instead {
    @Nullable Response answer(RecordedRequest request, InputStream body) throws IOException;
  }

  private final TestRegistry registry;
  private final Predicate<RecordedRequest> matcher;
  private final AtomicInteger toSkip = new AtomicInteger();
  private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
  private @Nullable Gate before;
  private @Nullable Instead instead;
  private long bodyLimit = -1;
  private UnaryOperator<@Nullable Response> spoil = response -> response;

  FaultRule(TestRegistry registry, Predicate<RecordedRequest> matcher) {
    this.registry = registry;
    this.matcher = matcher;
  }

  /** Only for the next {@code count} matching requests. */
  public FaultRule times(int count) {
    left.set(count);
    return this;
  }

  /** Only for the next matching request. */
  public FaultRule once() {
    return times(1);
  }

  /** Not for the first {@code count} matching requests. */
  public FaultRule after(int count) {
    toSkip.set(count);
    return this;
  }

  /** A status without body. */
  public void answer(int status) {
    answer(status, Map.of(), "");
  }

  /** A whole answer. */
  public void answer(int status, Map<String, String> headers, String body) {
    answer(status, headers, body.getBytes(UTF_8));
  }

  /** A whole answer. */
  public void answer(int status, Map<String, String> headers, byte[] body) {
    instead(
        (request, ignored) -> {
          Response response = Response.of(status).body(Body.of(body));
          for (Map.Entry<String, String> header : headers.entrySet()) {
            response = response.header(header.getKey(), header.getValue());
          }
          return response;
        });
  }

  /** An error in the distribution specification's JSON. */
  public void error(int status, String code, String message) {
    instead((request, body) -> Response.error(status, code, message));
  }

  /** 429 as Docker Hub answers those who ask too fast: plain text and {@code Retry-After}. */
  public void tooFast(int retryAfterSeconds) {
    answer(
        429,
        Map.of("Content-Type", "text/plain", "Retry-After", Integer.toString(retryAfterSeconds)),
        "Too Many Requests (HAP429).\n");
  }

  /** A redirect; {@code location} may be relative. */
  public void redirect(int status, String location) {
    answer(status, Map.of("Location", location), "");
  }

  /** Closes the connection without an answer; the request has no effect. */
  public void drop() {
    instead((request, body) -> null);
  }

  /** Resets the connection without an answer; the request has no effect. */
  public void reset() {
    instead(
        (request, body) -> {
          throw new HttpListener.Break();
        });
  }

  /** The request has its effect, but the connection is closed without an answer. */
  public void dropAnswer() {
    spoil(response -> null);
  }

  /** Resets the connection when {@code bytes} of the request's body have been read and taken. */
  public void resetWhileReading(long bytes) {
    bodyLimit = bytes;
    registry.add(this);
  }

  /** RST after {@code bytes} of the body. */
  public void resetAfter(long bytes) {
    interrupt(length -> bytes, true);
  }

  /** RST after a part of the body, from 0 to 1. */
  public void resetAt(double fraction) {
    interrupt(length -> (long) (length * fraction), true);
  }

  /** FIN after {@code bytes} of the body, fewer than {@code Content-Length} says. */
  public void closeAfter(long bytes) {
    interrupt(length -> bytes, false);
  }

  /** Only {@code bytes} of the body in a well-formed answer with a matching length. */
  public void truncate(long bytes) {
    spoil(response -> response == null ? null : response.body(response.body().first(bytes)));
  }

  /** Only {@code bytes} of the body, in chunks that end as they should. */
  public void truncateChunked(long bytes) {
    spoil(
        response ->
            response == null ? null : response.body(response.body().first(bytes)).inChunks());
  }

  /** The right body in chunks, without {@code Content-Length}. */
  public void chunked() {
    spoil(response -> response == null ? null : response.inChunks());
  }

  /** As many bytes as there should be, one of them wrong. */
  public void corrupt() {
    spoil(response -> response == null ? null : response.body(response.body().corrupted()));
  }

  /** More bytes than there should be, with a {@code Content-Length} that counts them. */
  public void append(int bytes) {
    spoil(response -> response == null ? null : response.body(response.body().followedBy(bytes)));
  }

  /** More bytes than there should be, in chunks. */
  public void appendChunked(int bytes) {
    spoil(
        response ->
            response == null ? null : response.body(response.body().followedBy(bytes)).inChunks());
  }

  /** Another body of any length. */
  public void body(byte[] bytes) {
    spoil(response -> response == null ? null : response.body(Body.of(bytes)));
  }

  /** Sets a header of the answer. */
  public void header(String name, String value) {
    spoil(response -> response == null ? null : response.header(name, value));
  }

  /** Leaves a header of the answer out. Without {@code Content-Length} it goes in chunks. */
  public void withoutHeader(String name) {
    if (name.equalsIgnoreCase("Content-Length")) {
      chunked();
    } else {
      spoil(response -> response == null ? null : response.without(name));
    }
  }

  /** Says another digest than the content has. */
  public void lieAboutDigest() {
    header("Docker-Content-Digest", Digest.of(new byte[] {1, 2, 3}).toString());
  }

  /** Holds matching requests, before they have any effect, until the gate is opened. */
  public Gate hold() {
    Gate gate = new Gate();
    before = gate;
    registry.add(this);
    return gate;
  }

  /** Sends headers and {@code bytes} of the body, the rest when the gate is opened. */
  public Gate stallAfter(long bytes) {
    Gate gate = new Gate();
    spoil(
        response ->
            response == null
                ? null
                : response.interrupted(new Response.Interruption(bytes, gate, false)));
    return gate;
  }

  /** Whether the rule is in force for this request; counts it. */
  boolean takes(RecordedRequest request) {
    if (!matcher.test(request)) {
      return false;
    }
    if (toSkip.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
      return false;
    }
    return left.getAndUpdate(count -> count == Integer.MAX_VALUE ? count : Math.max(0, count - 1))
        > 0;
  }

  @Nullable Gate gateBefore() {
    return before;
  }

  @Nullable Instead insteadOfRegistry() {
    return instead;
  }

  InputStream spoilRequest(InputStream body) {
    return bodyLimit < 0 ? body : new LimitedBody(body, bodyLimit);
  }

  @Nullable Response spoilAnswer(@Nullable Response response) {
    return spoil.apply(response);
  }

  private void instead(Instead answer) {
    instead = answer;
    registry.add(this);
  }

  private void spoil(UnaryOperator<@Nullable Response> change) {
    spoil = change;
    registry.add(this);
  }

  private void interrupt(ToLongFunction<Long> after, boolean reset) {
    spoil(
        response ->
            response == null
                ? null
                : response.interrupted(
                    new Response.Interruption(
                        after.applyAsLong(response.body().length()), null, reset)));
  }

  private static final class LimitedBody extends FilterInputStream {

    private long left;

    LimitedBody(InputStream in, long left) {
      super(in);
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
      if (left == 0) {
        throw new HttpListener.Break();
      }
      int read = super.read(buffer, offset, (int) Math.min(count, left));
      left -= Math.max(0, read);
      return read;
    }
  }
}
