// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.api.PickContext;
import io.fairlead.spi.RequestFacts;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as values; header names in lower case. */
record TestRequest(String method, String path, Map<String, String> headers) implements RequestFacts {
    static TestRequest get(String path, String... namesAndValues) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(namesAndValues[i].toLowerCase(Locale.ROOT), namesAndValues[i + 1]);
        }
        return new TestRequest("GET", path, headers);
    }

    static PickContext with(String... namesAndValues) {
        return PickContext.of(get("/", namesAndValues), null);
    }

    @Override
    public @Nullable String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }
}
