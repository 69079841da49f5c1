package io.entrepot.proxy.page;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A repository of the store.
 *
 * @param name under which clients find it
 * @param upstream where it comes from; null for what was pushed here
 * @param bytes of its content that are here
 * @param lastUsed when what one of its tags means was used last, or null
 */
public record ImageSummary(
    String name,
    @Nullable String upstream,
    int tags,
    int manifests,
    long bytes,
    @Nullable Instant lastUsed) {}
