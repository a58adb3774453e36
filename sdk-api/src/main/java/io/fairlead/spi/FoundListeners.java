// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.EventListener;
import io.fairlead.spi.kit.Providers;

/** The event listeners that the class path brings, looked up once. One that can not be made is left out. */
final class FoundListeners {
    static final EventListener ALL =
            Providers.of(EventListener.class, broken -> {}).stream().reduce(EventListener.NONE, IsolatedListener::both);

    private FoundListeners() {}
}
