package io.entrepot.proxy.pull;

import org.jspecify.annotations.Nullable;

/** How far a {@link BlobFill} is in its life: it runs, it ends, and its memory is given back. */
sealed interface FillState {

  /** Whether the bytes go into the store; else they are only passed on. */
  boolean kept();

  /** Why the fetch ended badly, or null. */
  default @Nullable Throwable failure() {
    return null;
  }

  /** Bytes may still come. */
  record Running(boolean kept) implements FillState {}

  /** No byte comes any more; clients still read. */
  record Ended(boolean kept, @Nullable Throwable failure) implements FillState {}

  /** Nobody reads any more: buffers are given back and the file is closed. */
  record Released(boolean kept, @Nullable Throwable failure) implements FillState {}
}
