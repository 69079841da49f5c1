package io.entrepot.layout;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.BlobPush;
import io.entrepot.registry.BlobSink;
import io.entrepot.registry.BlobSource;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.ByteSink;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.Referrers;
import io.entrepot.registry.Registry;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A layout that stands in for every registry. Blobs belong to all repositories; the work is done on
 * virtual threads.
 */
public final class LayoutRegistry implements Registry {

  private final Layout layout;
  private final LayoutNames names;
  private final Elsewhere elsewhere;

  private LayoutRegistry(Layout layout, LayoutNames names, Elsewhere elsewhere) {
    this.layout = layout;
    this.names = names;
    this.elsewhere = elsewhere;
  }

  /** A client for which a layout holds all images. */
  public static RegistryClient client(Layout layout, LayoutNames names) {
    return client(layout, names, new Elsewhere());
  }

  /** As the other, where some content need not be in the layout. */
  public static RegistryClient client(Layout layout, LayoutNames names, Elsewhere elsewhere) {
    return RegistryClient.of(new LayoutRegistry(layout, names, elsewhere));
  }

  private static <T> Future<T> onThread(Callable<T> work) {
    Promise<T> promise = Promise.promise();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                promise.complete(work.call());
              } catch (Exception e) {
                promise.fail(e);
              }
            });
    return promise.future();
  }

  // Manifests

  @Override
  public Future<Descriptor> resolve(ImageReference reference) {
    return onThread(() -> resolved(reference));
  }

  private Descriptor resolved(ImageReference reference) {
    Digest digest = reference.digest();
    if (digest != null) {
      Optional<Descriptor> other = elsewhere.manifest(digest);
      return other.isPresent() ? other.get() : manifest(digest).descriptor();
    }
    Optional<Descriptor> entry = entry(reference);
    if (entry.isPresent()) {
      return Descriptor.of(entry.get().mediaType(), entry.get().digest(), entry.get().size());
    }
    return elsewhere
        .tag(reference)
        .map(there -> Descriptor.of(MediaType.OCI_INDEX, there, 0))
        .orElseThrow(() -> noEntry(reference));
  }

  private Optional<Descriptor> entry(ImageReference reference) {
    ImageReference tagged = reference.orLatest();
    Optional<Descriptor> entry = layout.entry(names.of(tagged));
    String tag = String.valueOf(tagged.tag());
    return entry.isPresent() || !Attachments.isAttachment(tag)
        ? entry
        // The digest in such a tag says enough, under whichever repository it was written.
        : layout.entries().stream()
            .filter(each -> Layout.nameOf(each).filter(name -> isTag(name, tag)).isPresent())
            .findFirst();
  }

  private static boolean isTag(String name, String tag) {
    return name.equals(tag) || name.endsWith(":" + tag);
  }

  private RegistryException noEntry(ImageReference reference) {
    String wanted = names.of(reference.orLatest()).map(name -> " named " + name).orElse("");
    return LayoutFailure.absent(ErrorCode.MANIFEST_UNKNOWN, layout.name(), "entry" + wanted)
        .withRemedy("its index.json lists what there is");
  }

  private RawManifest manifest(Digest digest) {
    return layout
        .manifest(digest)
        .orElseThrow(
            () ->
                LayoutFailure.absent(
                    ErrorCode.MANIFEST_UNKNOWN,
                    layout.name(),
                    "file " + LayoutContents.member(digest)));
  }

  @Override
  public Future<RawManifest> fetchManifest(ImageReference reference) {
    return onThread(
        () -> {
          Digest digest = reference.digest();
          return manifest(
              digest != null
                  ? digest
                  : entry(reference).orElseThrow(() -> noEntry(reference)).digest());
        });
  }

  @Override
  public Future<Void> pushManifest(ImageReference reference, RawManifest manifest) {
    return onThread(
        () -> {
          if (reference.tag() == null) {
            layout.add(manifest);
          } else {
            layout.add(manifest, names.of(reference));
          }
          return null;
        });
  }

  @Override
  public Future<Void> deleteManifest(ImageReference reference) {
    return Future.failedFuture(unsupported("delete " + reference));
  }

  // Blobs

  @Override
  public Future<Void> fetchBlob(
      Repository repository, Descriptor blob, ByteRange range, BlobSink sink) {
    return fetch(blob.digest(), blob.size(), range, sink);
  }

  @Override
  public Future<Void> fetchBlob(
      Repository repository, Digest digest, ByteRange range, BlobSink sink) {
    return fetch(digest, -1, range, sink);
  }

  private Future<Void> fetch(Digest digest, long size, ByteRange range, BlobSink sink) {
    // A sink has one writer, on the event loop of whoever asks.
    Context context = Vertx.currentContext();
    return onThread(
        () -> {
          long total =
              layout
                  .contents()
                  .size(digest)
                  .orElseThrow(
                      () ->
                          LayoutFailure.absent(
                              ErrorCode.BLOB_UNKNOWN,
                              layout.name(),
                              "file " + LayoutContents.member(digest)));
          long start = range.from();
          long length = range.length(total);
          ByteSink open =
              turn(
                      context,
                      () ->
                          Future.succeededFuture(sink.open(new BlobSink.BlobStart(length, total))))
                  .await();
          layout.contents().read(digest, size, start, new Passing(context, open, length));
          return null;
        });
  }

  /** Hands on so many bytes. */
  private static final class Passing implements Pieces {

    private final @Nullable Context context;
    private final ByteSink sink;
    private long left;

    Passing(@Nullable Context context, ByteSink sink, long length) {
      this.context = context;
      this.sink = sink;
      this.left = length;
    }

    @Override
    public boolean take(byte[] bytes, int length) {
      Buffer piece = Buffer.buffer(bytes);
      Buffer wanted = length <= left ? piece : piece.slice(0, (int) left);
      left -= wanted.length();
      turn(context, () -> write(sink, wanted)).await();
      return left > 0;
    }
  }

  /** Done when the sink has room for more, or has failed. */
  private static Future<Void> write(ByteSink sink, Buffer piece) {
    Future<Void> taken = sink.write(piece);
    return taken.failed() || !sink.isFull() ? failedOrDone(taken) : sink.room();
  }

  private static Future<Void> failedOrDone(Future<Void> taken) {
    return taken.failed() ? taken : Future.succeededFuture();
  }

  private static <T> Future<T> turn(@Nullable Context context, Supplier<Future<T>> work) {
    if (context == null) {
      return work.get();
    }
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        now -> {
          try {
            work.get().onComplete(promise);
          } catch (RuntimeException e) {
            promise.fail(e);
          }
        });
    return promise.future();
  }

  @Override
  public Future<Optional<Long>> findBlob(Repository repository, Digest digest) {
    return onThread(
        () -> elsewhere.hasBlob(digest) ? Optional.of(-1L) : layout.contents().sound(digest));
  }

  @Override
  public Future<BlobPush> pushBlob(
      Repository repository, Descriptor blob, BlobSource source, @Nullable Repository mountFrom) {
    return onThread(
        () -> {
          if (mountFrom != null && layout.contents().sound(blob.digest()).isPresent()) {
            return new BlobPush(BlobPush.Outcome.MOUNTED, 0);
          }
          layout.writing().blob(blob, source);
          layout.contents().written(blob.digest(), blob.size());
          return new BlobPush(BlobPush.Outcome.UPLOADED, blob.size());
        });
  }

  @Override
  public Future<Void> deleteBlob(Repository repository, Digest digest) {
    return Future.failedFuture(unsupported("delete " + digest));
  }

  // Lists

  @Override
  public Future<List<Tag>> tags(Repository repository) {
    return onThread(
        () -> {
          List<Tag> tags = new ArrayList<>();
          for (Descriptor entry : layout.entries()) {
            Layout.nameOf(entry).flatMap(name -> tag(name, repository)).ifPresent(tags::add);
          }
          return List.copyOf(tags);
        });
  }

  /** The tag that a name means in a repository; attachments belong to every repository. */
  private static Optional<Tag> tag(String name, Repository repository) {
    try {
      if (Attachments.isAttachment(name)) {
        return Optional.of(new Tag(name.substring(name.lastIndexOf(':') + 1)));
      }
      ImageReference parsed = ImageReference.parse(name);
      return parsed.repository().equals(repository)
          ? Optional.ofNullable(parsed.tag())
          : Optional.empty();
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  @Override
  public Future<Referrers> referrers(Repository repository, Digest subject) {
    return onThread(
        () -> {
          return new Referrers(layout.attachedTo(subject), true);
        });
  }

  private RegistryException unsupported(String what) {
    return RegistryException.of(
        ErrorCode.UNSUPPORTED, layout.name(), what + " is not done in an image layout");
  }
}
