package io.entrepot.proxy.handler;

import io.entrepot.proxy.pull.ClientBody;
import io.entrepot.proxy.pull.LiveBody;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.Reading;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a request is answered with. {@link ResponseWriter} alone turns it into bytes. */
sealed interface Response {

  /** The type of JSON documents. */
  String JSON = "application/json";

  /** Gives back what it holds; it will not be written. */
  default void discard() {}

  /** A document that has no digest: a list, a page. */
  record Document(int status, String type, Buffer body, List<Header> headers) implements Response {
    /** A JSON document with status 200. */
    static Document json(byte[] body, List<Header> headers) {
      return new Document(200, JSON, Buffer.buffer(body), headers);
    }

    /** An error as the distribution specification has it. */
    static Document error(ErrorCode code, int status, String message) {
      ObjectNode document = JsonMapper.shared().createObjectNode();
      document
          .putArray("errors")
          .addObject()
          .put("code", code.name())
          .put("message", message)
          .putObject("detail");
      return new Document(
          status, JSON, Buffer.buffer(JsonMapper.shared().writeValueAsBytes(document)), List.of());
    }

    /** Plain text. */
    static Document text(int status, String text) {
      return new Document(
          status,
          "text/plain; charset=utf-8",
          Buffer.buffer(text.getBytes(StandardCharsets.UTF_8)),
          List.of());
    }
  }

  /**
   * Content in memory.
   *
   * @param warning why it may be out of date, or null
   */
  record HeldContent(Content content, Buffer body, @Nullable String warning) implements Response {}

  /** Content of which the head is the answer: to HEAD, or because of a condition. */
  record ContentHead(Content content) implements Response {}

  /**
   * A part of a file of the store.
   *
   * @param selection has a body
   * @param reading closed when it was sent
   * @param checked whether the bytes are hashed on the way; they are the whole content then
   */
  record FileRange(Content content, Selection selection, Reading reading, boolean checked)
      implements Response {
    @Override
    public void discard() {
      try {
        reading.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * A part of content that comes from upstream meanwhile.
   *
   * @param selection has a body
   */
  record LiveFill(Content content, Selection selection, LiveBody body) implements Response {
    @Override
    public void discard() {
      body.release();
    }
  }

  /**
   * Events for as long as the client listens.
   *
   * @param listener takes the body, whose head was sent
   */
  record Events(Consumer<ClientBody> listener) implements Response {
    /** Proxies in between keep nothing back. */
    static final List<Header> HEADERS =
        List.of(
            new Header("Content-Type", "text/event-stream"),
            new Header("Cache-Control", "no-store"),
            new Header("X-Accel-Buffering", "no"));
  }

  /** A status and headers. */
  record Empty(int status, List<Header> headers) implements Response {}

  /**
   * An error document (distribution-spec 1.1, "Error Codes").
   *
   * @param retryAfter when to try again, or null
   */
  record Failure(
      ErrorCode code,
      int status,
      String message,
      @Nullable Duration retryAfter,
      List<Header> headers)
      implements Response {

    /** With when to try again; a client that asked too often always learns that. */
    List<Header> allHeaders() {
      List<Header> all = new ArrayList<>(headers);
      if (retryAfter != null) {
        all.add(new Header("Retry-After", Long.toString(Math.max(1, retryAfter.toSeconds()))));
      } else if (status == 429) {
        all.add(new Header("Retry-After", "30"));
      }
      return all;
    }

    Document document() {
      return Document.error(code, status, message);
    }
  }

  /** Nothing: the client's request broke, and nobody waits for an answer. */
  record Disconnect() implements Response {}
}
