package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP/1.1 server on a loopback port, written on sockets so that an answer can be broken
 * anywhere. One virtual thread for each connection; connections are kept alive.
 */
final class HttpListener implements AutoCloseable {

  /** Answers a request. */
  interface Handler {
    /**
     * Answers; null closes the connection without a word.
     *
     * @throws Break to reset the connection
     */
    @Nullable Response handle(RecordedRequest request, InputStream body) throws IOException;
  }

  /** Thrown to reset the connection from wherever a request is being handled. */
  static final class Break extends IOException {
    Break() {
      super("the test wants this connection reset");
    }
  }

  private static final int MAX_LINE = 64 * 1024;

  private static final int LINGER_MILLIS = 2_000;

  private final ServerSocket listener;
  private final Handler handler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();

  HttpListener(Handler handler) {
    this.handler = handler;
    try {
      listener = new ServerSocket();
      listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 1024);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void start() {
    threads.add(Thread.ofVirtual().name("test-registry-" + port()).start(this::accept));
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Connections taken so far. */
  int accepted() {
    return accepted.get();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.forEach(Thread::interrupt);
    open.forEach(HttpListener::closeQuietly);
  }

  private void accept() {
    while (!listener.isClosed()) {
      Socket socket;
      try {
        socket = listener.accept();
      } catch (IOException e) {
        return; // closed
      }
      accepted.incrementAndGet();
      open.add(socket);
      if (listener.isClosed()) {
        closeQuietly(socket);
        return;
      }
      Thread thread = Thread.ofVirtual().unstarted(() -> converse(socket));
      threads.add(thread);
      thread.start();
    }
  }

  private void converse(Socket socket) {
    try {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 64 * 1024);
      After after = exchange(in, out);
      while (after == After.GO_ON) {
        out.flush();
        after = exchange(in, out);
      }
      out.flush();
      if (after == After.ANSWERED) {
        linger(socket, in);
      }
    } catch (Break e) {
      reset(socket);
    } catch (IOException e) {
      // The client left, or close() was called: not this server's business.
    } finally {
      closeQuietly(socket);
      open.remove(socket);
      threads.remove(Thread.currentThread());
    }
  }

  /**
   * Closes as RFC 9112, section 9.6, asks servers to: what is sent after the answer is read for a
   * while. A connection that is closed before that is reset, and takes the answer with it.
   */
  private static void linger(Socket socket, InputStream in) throws IOException {
    socket.shutdownOutput();
    socket.setSoTimeout(LINGER_MILLIS);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LINGER_MILLIS);
    byte[] unread = new byte[64 * 1024];
    while (System.nanoTime() < end && in.read(unread) >= 0) {
      // Nobody wants it.
    }
  }

  /** What becomes of a connection after a request. */
  private enum After {
    GO_ON,
    ANSWERED,
    BROKEN
  }

  private After exchange(InputStream in, OutputStream out) throws IOException {
    String line = line(in);
    if (line == null) {
      return After.BROKEN;
    }
    List<String> parts = List.of(line.split(" ", -1));
    if (parts.size() != 3) {
      write(out, "GET", Response.error(400, "UNKNOWN", "not a request line"), false);
      return After.ANSWERED;
    }
    Map<String, List<String>> headers = headers(in);
    String target = parts.get(1);
    int question = target.indexOf('?');
    RecordedRequest request =
        new RecordedRequest(
            parts.getFirst(),
            question < 0 ? target : target.substring(0, question),
            question < 0 ? null : target.substring(question + 1),
            headers,
            port());
    RequestBody body = new RequestBody(in, out, request);
    Response response = handler.handle(request, body);
    if (response == null) {
      return After.BROKEN;
    }
    boolean keep = keepsAlive(request, parts.get(2)) && body.isWorthDraining();
    write(out, request.method(), response, keep);
    if (!keep) {
      return After.ANSWERED;
    }
    out.flush();
    body.drain();
    return After.GO_ON;
  }

  private static boolean keepsAlive(RecordedRequest request, String version) {
    String connection = request.header("Connection");
    return version.equals("HTTP/1.1")
        && (connection == null || !connection.toLowerCase(Locale.ROOT).contains("close"));
  }

  private static void write(OutputStream out, String method, Response response, boolean keep)
      throws IOException {
    StringBuilder head = new StringBuilder();
    head.append("HTTP/1.1 ").append(response.status()).append(" Status\r\n");
    response
        .headers()
        .forEach(
            (name, values) ->
                values.forEach(
                    value -> head.append(name).append(": ").append(value).append("\r\n")));
    boolean bodiless = response.status() == 204 || response.status() == 304;
    if (!bodiless && !response.headers().containsKey("Content-Length")) {
      if (response.chunked()) {
        head.append("Transfer-Encoding: chunked\r\n");
      } else {
        head.append("Content-Length: ").append(response.body().length()).append("\r\n");
      }
    }
    if (!keep) {
      head.append("Connection: close\r\n");
    }
    head.append("\r\n");
    out.write(head.toString().getBytes(UTF_8));
    if (bodiless || method.equals("HEAD")) {
      interrupt(response.interruption(), out);
      return;
    }
    OutputStream framed = response.chunked() ? new ChunkedOutput(out) : out;
    send(response, framed);
    if (framed instanceof ChunkedOutput chunks) {
      chunks.end();
    }
  }

  private static void send(Response response, OutputStream out) throws IOException {
    long length = response.body().length();
    Response.Interruption interruption = response.interruption();
    try (InputStream in = response.body().open()) {
      long first = interruption == null ? length : Math.min(interruption.after(), length);
      copy(in, out, first);
      if (interruption != null) {
        interrupt(interruption, out);
        copy(in, out, length - first);
      }
    }
  }

  private static void interrupt(Response.@Nullable Interruption interruption, OutputStream out)
      throws IOException {
    if (interruption == null) {
      return;
    }
    out.flush();
    Gate gate = interruption.gate();
    if (gate != null) {
      gate.pass();
    } else if (interruption.reset()) {
      throw new Break();
    } else {
      throw new EOFException("the test wants this connection closed");
    }
  }

  private static void copy(InputStream in, OutputStream out, long bytes) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long left = bytes;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new EOFException("content shorter than its length");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }

  private static Map<String, List<String>> headers(InputStream in) throws IOException {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw new IOException("not a header: " + line);
      }
      headers
          .computeIfAbsent(line.substring(0, colon), name -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return headers;
  }

  /** A line without its end; null at the end of the stream. */
  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        if (line.isEmpty()) {
          return null;
        }
        throw new EOFException("connection closed within a line");
      }
      if (line.length() > MAX_LINE) {
        throw new IOException("line too long");
      }
      line.append((char) c);
    }
    int length = line.length();
    if (length > 0 && line.charAt(length - 1) == '\r') {
      line.setLength(length - 1);
    }
    return line.toString();
  }

  private static void reset(Socket socket) {
    try {
      // RST throws away what has not been sent yet; what the test counts on should arrive.
      Thread.sleep(20);
      socket.setSoLinger(true, 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      return; // The client was faster.
    }
    closeQuietly(socket);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request's body by length or in chunks; says {@code 100 Continue} when first read. */
  private static final class RequestBody extends InputStream {

    private static final int WORTH_DRAINING = 1024 * 1024;

    private final InputStream in;
    private final OutputStream out;
    private final boolean chunked;
    private boolean expectsContinue;
    private boolean ended;
    private long left;

    RequestBody(InputStream in, OutputStream out, RecordedRequest request) throws IOException {
      this.in = in;
      this.out = out;
      String encoding = request.header("Transfer-Encoding");
      String length = request.header("Content-Length");
      chunked = encoding != null && encoding.equalsIgnoreCase("chunked");
      try {
        left = chunked || length == null ? 0 : Long.parseLong(length);
      } catch (NumberFormatException e) {
        throw new IOException("not a length: " + length, e);
      }
      ended = !chunked && left == 0;
      expectsContinue = "100-continue".equalsIgnoreCase(request.header("Expect")) && !ended;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
      if (ended || count == 0) {
        return ended ? -1 : 0;
      }
      if (expectsContinue) {
        expectsContinue = false;
        out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
        out.flush();
      }
      if (chunked && left == 0 && !nextChunk()) {
        return -1;
      }
      int read = in.read(buffer, offset, (int) Math.min(count, left));
      if (read < 0) {
        throw new EOFException("the client left within a body");
      }
      left -= read;
      if (chunked && left == 0) {
        line(in);
      }
      ended = !chunked && left == 0;
      return read;
    }

    private boolean nextChunk() throws IOException {
      String size = line(in);
      if (size == null) {
        throw new EOFException("the client left between chunks");
      }
      int semicolon = size.indexOf(';');
      try {
        left = Long.parseLong((semicolon < 0 ? size : size.substring(0, semicolon)).strip(), 16);
      } catch (NumberFormatException e) {
        throw new IOException("not a chunk: " + size, e);
      }
      if (left == 0) {
        headers(in);
        ended = true;
      }
      return !ended;
    }

    /** False where reading the rest would take long, or where it may never be sent. */
    boolean isWorthDraining() {
      return ended || (!expectsContinue && !chunked && left <= WORTH_DRAINING);
    }

    void drain() throws IOException {
      byte[] buffer = new byte[8192];
      int read = 0;
      while (!ended && read >= 0) {
        read = read(buffer, 0, buffer.length);
      }
    }
  }

  private static final class ChunkedOutput extends OutputStream {

    private final OutputStream out;

    ChunkedOutput(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      if (count > 0) {
        out.write((Integer.toHexString(count) + "\r\n").getBytes(ISO_8859_1));
        out.write(bytes, offset, count);
        out.write("\r\n".getBytes(ISO_8859_1));
      }
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    void end() throws IOException {
      out.write("0\r\n\r\n".getBytes(ISO_8859_1));
    }
  }
}
