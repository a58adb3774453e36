// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one way providers of this SDK's interfaces are looked up: with the class loader of the SDK itself first, then with
 * the calling thread's, so that the answer is the same on a thread of a common pool, whose loader may know nothing of the
 * application. Stateless, safe for any thread.
 */
public final class Providers {
    /** A loader that only ever throws is given up. */
    private static final int MOST_BROKEN = 100;

    private Providers() {}

    /**
     * The providers, one a class name; the first loader's wins. One that is broken, or is made for another copy of the
     * interface behind another loader, is left out and takes nobody with it.
     *
     * @param onBroken hears why one was left out; the message names it
     */
    public static <T> List<T> of(Class<T> type, Consumer<Throwable> onBroken) {
        Map<String, T> found = new LinkedHashMap<>();
        ClassLoader own = Providers.class.getClassLoader();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        addAll(type, own, found, onBroken);
        if (context != own) {
            addAll(type, context, found, onBroken);
        }
        return new ArrayList<>(found.values());
    }

    private static <T> void addAll(
            Class<T> type, @Nullable ClassLoader loader, Map<String, T> found, Consumer<Throwable> onBroken) {
        Iterator<ServiceLoader.Provider<T>> providers;
        try {
            providers = ServiceLoader.load(type, loader).stream().iterator();
        } catch (Throwable broken) {
            onBroken.accept(broken);
            return;
        }
        int broken = 0;
        while (broken < MOST_BROKEN) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                ServiceLoader.Provider<T> next = providers.next();
                String name = next.type().getName();
                if (!found.containsKey(name)) {
                    found.put(name, next.get());
                }
            } catch (Throwable failure) {
                broken++;
                onBroken.accept(failure);
            }
        }
    }
}
