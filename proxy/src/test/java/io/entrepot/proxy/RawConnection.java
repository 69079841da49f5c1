package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client that sends whatever it likes. */
final class RawConnection implements AutoCloseable {

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3}) ");

  private final Socket socket;

  private RawConnection(Socket socket) {
    this.socket = socket;
  }

  static RawConnection to(RunningProxy proxy) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout((int) RunningProxy.PATIENCE.toMillis());
    return new RawConnection(socket);
  }

  /** One over TLS that has agreed on HTTP/2. */
  static RawConnection overHttp2(RunningProxy proxy, SSLContext trusting) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            trusting
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout((int) RunningProxy.PATIENCE.toMillis());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return new RawConnection(socket);
  }

  /** One that takes few bytes before it is read. */
  static RawConnection narrow(RunningProxy proxy) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.setSoTimeout((int) RunningProxy.PATIENCE.toMillis());
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
    return new RawConnection(socket);
  }

  RawConnection send(String text) throws IOException {
    return send(text.getBytes(ISO_8859_1));
  }

  RawConnection send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  InputStream input() throws IOException {
    return socket.getInputStream();
  }

  /** The head of the next answer, with the empty line. */
  String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int read = input().read();
      if (read < 0) {
        return head.toString();
      }
      head.append((char) read);
    }
    return head.toString();
  }

  static int status(String head) {
    Matcher matcher = STATUS.matcher(head);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  static int answers(String text) {
    return (int) STATUS.matcher(text).results().count();
  }

  /** Everything until the server closes; a reset ends it too. */
  String everything() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      input().transferTo(all);
    } catch (SocketException e) {
      // Reset: what came before counts.
      return all.toString(ISO_8859_1);
    }
    return all.toString(ISO_8859_1);
  }

  /** Nothing more will be sent. */
  RawConnection finish() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Ends it with a reset. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
