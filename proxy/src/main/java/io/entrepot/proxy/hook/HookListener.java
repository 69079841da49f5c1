package io.entrepot.proxy.hook;

import java.util.List;

/** Is told which images changed at their source. Must not block. */
@FunctionalInterface
public interface HookListener {

  /** They changed, as somebody says who proved who they are. */
  void changed(List<ChangedImage> images);
}
