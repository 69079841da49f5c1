package io.entrepot.proxy.hook;

import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.util.Optional;

/**
 * Something that was pushed.
 *
 * @param tag empty where the event names none: a manifest without a tag, or a whole repository
 */
public record ChangedImage(Repository repository, Optional<Tag> tag) {}
